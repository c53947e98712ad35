"""The shapes find every mistake on the list, each alone, and nothing in a graph without mistakes.

A case is a small graph that is read together with `shapes/base.ttl`. `shapes/CLASS/violates/MISTAKE.ttl` names in its
first lines what is to be reported; `shapes/CLASS/conforms/MISTAKE.ttl` is the same graph mended. Validation has its
fixed cost, so all cases are validated at once, each in a world of its own: what a world describes has IRIs, names,
checksums and matches that no other world has.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

from glocal_rdf import shacl
from glocal_rdf.triples import Triples

CASES = ROOT / "tests" / "shapes"
SHAPES = "https://w3id.org/glocal/shapes#"
SH = "http://www.w3.org/ns/shacl#"
ID = "https://w3id.org/glocal/id/"
GLOCAL = "https://w3id.org/glocal/ontology#"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DEFINED_BY = "<http://www.w3.org/2000/01/rdf-schema#isDefinedBy>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
WIKIDATA = "http://www.wikidata.org/entity/Q"
LANGUAGES = {"en", "zh-Hant"}
HELPERS = {"Date", "ExactDate", "KnownTerm", "ListedTerm"}
"""Shapes that others refer to, and that therefore report nothing themselves."""
ENGINES = ("columns", "pyshacl")
PYSHACL_ERRS = {"passage/start-below-zero"}
"""Where pySHACL is known to err: it compares numbers that are none by their text, and finds them in order."""

Finding = tuple[str, str, str]
"""A shape, a constraint component and a focus node, each without its namespace."""

FILES = sorted(set((ROOT / "shapes").glob("*.ttl")) - {ROOT / "shapes" / "signatures.ttl"})
"""All files but the list of what the claims of the dataset join, which says nothing of the claims of cases: it is
tested in `test_signatures.py`."""
VIOLATES = sorted(CASES.glob("*/violates/*.ttl"))
CONFORMS = sorted(CASES.glob("*/conforms/*.ttl"))


def name_case(file: Path) -> str:
    return f"{file.parent.parent.name}/{file.stem}"


@cache
def read(file: Path) -> Triples:
    return Triples.read(file)


@cache
def read_ontology() -> Triples:
    return Triples.read(ROOT / "ontology" / "glocal.ttl")


@cache
def read_shapes(*, queries: bool = True) -> Triples:
    """Read all shapes; without `queries` the part that is SHACL Core."""
    shapes = Triples.empty().union(*map(read, FILES))
    return shapes if queries else shapes.difference(shapes.match(predicate=f"<{SH}sparql>"))


def read_expectation(file: Path) -> Counter[Finding]:
    lines = re.findall(r"^# expects: shapes:(\S+) sh:(\S+)ConstraintComponent <(\S+)>$", file.read_text("utf-8"), re.M)
    return Counter((shape, component, focus) for shape, component, focus in lines)


# Worlds


def split_iri(term: str) -> tuple[str, str]:
    """Part an IRI into what names a thing, and what is added to name its parts (positions)."""
    slug = re.match(rf"<{ID}(?:selector/)?[a-z]+/[^/#>]+", term)
    head = slug.group() if slug else term[:-1]
    return head, term[len(head) :]


def rename(term: str, world: int, own: set[str]) -> str:
    """Give a term of a case the form that it has in its world; `own` are the IRIs, without their parts, to change."""
    if term.startswith("<"):
        head, rest = split_iri(term)
        if head.startswith(f"<{WIKIDATA}"):
            return f"{head}{world:03}{rest}"
        return f"{head}w{world:03}{rest}" if head in own else term
    if "@" in term.rsplit('"', 1)[1]:
        text, tag = term.rsplit('"', 1)
        return f'{text} W{world:03}"{tag}'
    return re.sub(r'^"([0-9a-f]{60})[0-9a-f]{4}"', rf'"\g<1>{world:04x}"', term)


def build_worlds(cases: Iterable[Path]) -> tuple[Triples, dict[str, tuple[int, str]]]:
    """Put each case with the base graph into a world of its own; give the graph, and where each IRI of it is from."""
    known = {subject for subject, _, _ in read_ontology()}
    base = list(read(CASES / "base.ttl"))
    rows, origin = [], {}
    for world, file in enumerate(cases, start=1):
        graph = {*base, *read(file)}
        own = {split_iri(subject)[0] for subject, _, _ in graph if subject not in known}
        for triple in graph:
            named = [rename(term, world, own) for term in triple]
            origin |= {new: (world, old) for new, old in zip(named, triple, strict=True) if new != old}
            rows.append((named[0], named[1], named[2]))
    return Triples.from_terms(rows), origin


@cache
def find_all(cases: tuple[Path, ...], engine: str, *, queries: bool = True) -> dict[Path | None, Counter[Finding]]:
    """Validate all cases at once; give what was found in each, and under None what is found in the ontology."""
    data, origin = build_worlds(cases)
    ontology = read_ontology()
    report = shacl.validate(data.union(ontology), read_shapes(queries=queries), ontology=ontology, engine=engine)
    found: dict[Path | None, Counter[Finding]] = defaultdict(Counter)
    for result in report.results:
        world, focus = origin.get(result.focus, (0, result.focus))
        found[cases[world - 1] if world else None][name_finding(result.shape, result.component, focus)] += 1
    return found


def name_finding(shape: str, component: str, focus: str) -> Finding:
    component = component.removeprefix(f"<{SH}").removesuffix("ConstraintComponent>")
    return shape.strip("<>").removeprefix(SHAPES), component, focus.strip("<>").removeprefix(ID)


def needs_query(file: Path) -> bool:
    return any(component == "SPARQL" for _, component, _ in read_expectation(file))


@pytest.mark.parametrize("file", VIOLATES, ids=name_case)
def test_exactly_the_mistake_is_reported(file: Path) -> None:
    assert read_expectation(file), "the case does not say what it expects"
    assert find_all(tuple(VIOLATES), "columns")[file] == read_expectation(file)


@pytest.mark.slow
@pytest.mark.parametrize("file", CONFORMS, ids=name_case)
def test_nothing_is_reported_once_it_is_mended(file: Path) -> None:
    assert find_all(tuple(CONFORMS), "columns")[file] == Counter()


def test_every_case_has_its_mended_twin() -> None:
    assert {name_case(file) for file in VIOLATES} - {name_case(file) for file in CONFORMS} == set()


@pytest.mark.slow
@pytest.mark.parametrize("cases", [(), tuple(VIOLATES), tuple(CONFORMS)], ids=["alone", "violates", "conforms"])
def test_the_ontology_has_no_mistake(cases: tuple[Path, ...]) -> None:
    assert find_all(cases, "columns")[None] == Counter()


@pytest.mark.peer
@pytest.mark.slow
def test_pyshacl_agrees_on_shacl_core() -> None:
    """On one case of each constraint component, and one of each class of the data."""
    known = [file for file in VIOLATES if not needs_query(file) and name_case(file) not in PYSHACL_ERRS]
    components = {component: file for file in known for _, component, _ in read_expectation(file)}
    classes = {file.parent.parent: file for file in known}
    cases = tuple(sorted({*components.values(), *classes.values()}))
    ours, theirs = (find_all(cases, engine, queries=False) for engine in ENGINES)
    assert {name_case(f): theirs[f] for f in cases if theirs[f] != ours[f]} == {}


QUERIES = {shape: file for file in reversed(VIOLATES) for shape, comp, _ in read_expectation(file) if comp == "SPARQL"}
"""One case of each shape that is a query."""


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.parametrize("shape", sorted(QUERIES))
def test_pyshacl_agrees_on_a_query(shape: str) -> None:
    """With this shape alone, and without the ontology's own things: pySHACL asks a query anew for every node."""
    file = QUERIES[shape]
    ontology = read_ontology()
    data = read(CASES / "base.ttl").union(read(file), ontology.difference(ontology.match(predicate=LABEL))).distinct()
    every = read_shapes()
    others = list_shapes(every) - {shape}
    alone = every.difference(Triples.empty().union(*(every.match(f"<{SHAPES}{other}>") for other in others)))
    report = shacl.validate(data, alone, ontology=ontology, engine="pyshacl")
    assert Counter(name_finding(r.shape, r.component, r.focus) for r in report.results) == read_expectation(file)


# What the shapes say of themselves


def list_shapes(triples: Triples) -> set[str]:
    """List the shapes that have an IRI, without their namespace."""
    kinds = (triples.match(predicate=RDF_TYPE, object=f"<{SH}{kind}Shape>") for kind in ("Node", "Property"))
    return {s.strip("<>").removeprefix(SHAPES) for kind in kinds for s, _, _ in kind}


def read_tags(triples: Triples, shape: str, predicate: str) -> list[str]:
    """List the languages of a property of a shape, of its query where the shape itself has none."""
    subjects = [f"<{SHAPES}{shape}>", *(o for _, _, o in triples.match(f"<{SHAPES}{shape}>", f"<{SH}sparql>"))]
    every = [[o for _, _, o in triples.match(subject, f"<{SH}{predicate}>")] for subject in subjects]
    return sorted(text.rsplit("@", 1)[1] for texts in every for text in texts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shape_is_told_in_both_languages(file: Path) -> None:
    shapes = read(file)
    assert list_shapes(shapes)
    for shape in sorted(list_shapes(shapes)):
        for word in ("name", "description", "message"):
            assert set(read_tags(shapes, shape, word)) == LANGUAGES, f"{shape}: sh:{word}"
            assert len(read_tags(shapes, shape, word)) == len(LANGUAGES), f"{shape}: sh:{word}"


def test_every_shape_and_target_has_an_iri_of_ours() -> None:
    shapes = read_shapes()
    targets = [s for s, p, _ in shapes if p.startswith(f"<{SH}target")]
    typed = [s for s, p, o in shapes if p == RDF_TYPE and o in {f"<{SH}NodeShape>", f"<{SH}PropertyShape>"}]
    assert [s for s in targets + typed if not s.startswith(f"<{SHAPES}")] == []


def test_no_shape_stands_in_two_files() -> None:
    assert [s for s, n in Counter(s for f in FILES for s in list_shapes(read(f))).items() if n > 1] == []


def read_list(file: Path) -> Iterator[tuple[str, str]]:
    """Read the list of mistakes at the head of a file: each shape with its severity."""
    head = file.read_text("utf-8").split("@prefix")[0]
    for severity, names in re.findall(r"^#   .+?  +(Violation|Warning|Info) +(\S.*)$", head, re.M):
        first = ""
        for name in names.split(", "):
            if name != "…":
                first = first if name.startswith("-") else name
                yield first.split("-")[0] + name if name.startswith("-") else name, severity


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_list_of_mistakes_is_true(file: Path) -> None:
    shapes = read(file)
    listed = dict(read_list(file))
    assert listed.keys() <= list_shapes(shapes)
    for shape, severity in listed.items():
        stated = [o for _, _, o in shapes.match(f"<{SHAPES}{shape}>", f"<{SH}severity>")] or [f"<{SH}Violation>"]
        assert stated == [f"<{SH}{severity}>"], shape


def test_every_shape_that_reports_has_a_case() -> None:
    shapes = read_shapes()
    plumbing = {"property", "node"}
    silent = {"name", "description", "message", "severity", "path", "nodeKind", *plumbing}
    reports = set()
    for shape in list_shapes(shapes) - HELPERS:
        words = {p.removeprefix(f"<{SH}").removesuffix(">") for _, p, _ in shapes.match(f"<{SHAPES}{shape}>")}
        kind = RDF_TYPE.strip("<>")
        rest = {w for w in words if not w.startswith("target") and kind not in w} - silent
        is_property = (f"<{SHAPES}{shape}>", RDF_TYPE, f"<{SH}PropertyShape>") in set(
            shapes.match(f"<{SHAPES}{shape}>")
        )
        if rest or is_property:
            reports.add(shape)
    shown = {shape for file in VIOLATES for shape, _, _ in read_expectation(file)}
    assert reports - shown == set()
    assert shown <= list_shapes(shapes)


def test_every_term_of_ours_is_defined() -> None:
    shapes = read_shapes()
    defined = {s.strip("<>").removeprefix(GLOCAL) for s, _, _ in read_ontology().match(predicate=DEFINED_BY)}
    used = {t.strip("<>").removeprefix(GLOCAL) for triple in shapes for t in triple if t.startswith(f"<{GLOCAL}")}
    asked = {t for _, _, query in shapes.match(predicate=f"<{SH}select>") for t in re.findall(r"glocal:(\w+)", query)}
    assert (used | asked) - {""} - defined == set()


def test_the_shapes_are_well_formed() -> None:
    """By the shapes for shapes of the Recommendation (SHACL, appendix C), as pySHACL has them."""
    import pyshacl
    import rdflib

    conforms, _, text = pyshacl.validate(
        rdflib.Graph(), shacl_graph=read_shapes().to_rdflib(), meta_shacl=True, inference="none"
    )
    assert conforms, text
