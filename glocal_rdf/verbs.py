"""What the command does, as functions: the only place, beside the face, where rooms meet.

The flow of the main job: project -> csvw.convert -> links -> claims -> rules -> shacl.validate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from glocal_rdf import claims, csvw, documents, query
from glocal_rdf.endpoint import ask_endpoint, is_address
from glocal_rdf.errors import EndpointError, InputError, Problem, TableError
from glocal_rdf.explanation import Statement, explain_thing
from glocal_rdf.links import read_links
from glocal_rdf.names import fold, name_things, name_things_or_fail
from glocal_rdf.project import Project
from glocal_rdf.search import Found, search_things
from glocal_rdf.triples import Triples
from glocal_rdf.triples.prefixes import WELL_KNOWN

if TYPE_CHECKING:
    from glocal_rdf.documents import Citation, Coverage, Document
    from glocal_rdf.query import Answer
    from glocal_rdf.shacl import Result, ValidationReport

__all__ = [
    "Build",
    "ask",
    "bind_question",
    "build",
    "cite",
    "coverage",
    "explain",
    "export",
    "fetch_for_shapes",
    "find",
    "locate_results",
    "locate_statement",
    "validate",
]

Engine = Literal["columns", "pyshacl"]
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PARTS = {
    "en": {
        "stated": "triples stated in tables and links",
        "plain": "plain triples derived from claims",
        "inferred": "triples that follow by rules",
        "all": "triples in all",
    },
    "zh-Hant": {
        "stated": "表格與連結所陳述的三元組",
        "plain": "由主張導出的一般三元組",
        "inferred": "依規則推得的三元組",
        "all": "三元組總數",
    },
}
NEAR = 3
"""How many places are named for one result."""


@dataclass(frozen=True)
class Build:
    """A project's graph and its parts: what is `stated` in tables and links, what is `plain`, what is `inferred`."""

    project: Project
    conversion: csvw.Conversion
    stated: Triples
    plain: Triples
    inferred: Triples

    @cached_property
    def triples(self) -> Triples:
        """The whole data graph, without the ontology."""
        return self.stated.union(self.plain, self.inferred).distinct()

    @cached_property
    def with_ontology(self) -> Triples:
        """The data graph and the ontology: what questions are asked of, and what is validated."""
        return self.triples.union(self.project.ontology).distinct()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the conversion of the tables warned of."""
        return self.conversion.problems

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that people read and write the graph with."""
        return {**WELL_KNOWN, **self._kinds, **self.project.prefixes}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """A prefix for each kind of thing (`place:taipei`): the part of its IRI that follows the dataset's space."""
        space = str(self.project.description.get("void:uriSpace", ""))
        if not space:
            return {}
        terms = pl.concat([self.triples.frame["subject"], self.triples.frame["object"]]).unique()
        kinds = terms.str.extract(rf"^<{re.escape(space)}([a-z]+)/").drop_nulls().unique()
        return {kind: f"{space}{kind}/" for kind in sorted(kinds)}

    def counts(self, lang: str = "en") -> dict[str, int]:
        """Count what the tables state, by class (named in `lang`, most frequent first), and the triples."""
        kinds = self.stated.match(predicate=f"<{RDF}type>").frame.group_by("object").len()
        called = name_things(self.project.ontology, lang)
        rows = kinds.sort("len", "object", descending=[True, False]).iter_rows()
        parts = {"stated": self.stated, "plain": self.plain, "inferred": self.inferred, "all": self.triples}
        words = PARTS["zh-Hant" if lang == "zh-Hant" else "en"]
        return {called.get(kind, kind.strip("<>").rpartition("/")[2].rpartition("#")[2]): n for kind, n in rows} | {
            words[part]: len(triples) for part, triples in parts.items()
        }


def build(project: Project) -> Build:
    """Build a project's graph. Raise TableError with every cell that breaks the description of its table."""
    conversion = csvw.convert(project.metadata)
    if conversion.errors:
        raise TableError.of(conversion.errors)
    stated = conversion.triples.union(*map(read_links, project.link_files)).distinct()
    plain = claims.derive_plain(stated).difference(stated)
    known = stated.union(plain, project.ontology).distinct()
    return Build(project, conversion, stated, plain, claims.apply_rules(known, project.rules))


def validate(built: Build, engine: Engine = "columns") -> ValidationReport:
    """Validate a project's graph, ontology included, against its shapes."""
    from glocal_rdf import shacl  # noqa: PLC0415

    return shacl.validate(built.with_ontology, built.project.shapes, ontology=built.project.ontology, engine=engine)


def export(built: Build, form: str = "turtle", *, ontology: bool = False) -> bytes:
    """Write a project's graph in a format of RDF (`turtle`, `ntriples`, `nquads`, `trig`, `jsonld`, `rdfxml`)."""
    return (built.with_ontology if ontology else built.triples).serialize(form, built.prefixes)


def bind_question(source: Triples | str, name: str, values: Mapping[str, str]) -> str:
    """Write the SPARQL of a bundled question with values for its parameters.

    A value for a thing may be a slug, a CURIE, an IRI or a name, looked up in `source`; of an endpoint (its address)
    only IRIs can be asked. Raise QueryError for an unknown question, parameter or thing.
    """

    def resolve(word: str) -> list[str]:
        if isinstance(source, str):
            return [word.strip("<>")] if is_address(word.strip("<>")) else []
        return name_things_or_fail(source, word, WELL_KNOWN)

    return query.bind(query.find_question(name), values, resolve)


def ask(source: Triples | str, text: str, *, prefixes: Mapping[str, str] = WELL_KNOWN, timeout: int = 60) -> Answer:
    """Ask a graph, or the SPARQL endpoint at an address, a question in SPARQL; `prefixes` need no declaration in it.

    Raise QueryError on a mistake in the query, EndpointError where the endpoint does not answer.
    """
    asked = query.add_prefixes(text, prefixes)
    if isinstance(source, str):
        return query.read_answer(*ask_endpoint(source, asked, timeout=timeout))
    return query.ask(source, asked)


def explain(built: Build, word: str) -> dict[str, tuple[Statement, ...]]:
    """Tell every statement about what a word denotes (slug, CURIE, IRI or name), by the IRI of each such thing.

    Raise QueryError with the nearest names where it denotes nothing.
    """
    things = name_things_or_fail(built.with_ontology, word, built.prefixes)
    return {thing: explain_thing(built.with_ontology, thing) for thing in things}


def locate_statement(built: Build, statement: Statement) -> tuple[str, ...]:
    """Find where a triple is stated: cells (`data/places.csv:9 (country)`) or the ontology; none if a rule adds it."""
    if (statement.subject, statement.predicate, statement.object) in built.project.ontology:
        return ("ontology/",)
    cells = csvw.locate(built.conversion, statement.subject, statement.predicate, statement.object)
    return tuple(dict.fromkeys(f"{_short(cell.file)}:{cell.row} ({cell.column})" for cell in cells))


def cite(project: Project, document: str, text: str, folder: Path | None = None) -> tuple[Citation, ...]:
    """Find every passage of a document that has a text.

    `document` is a file, or the slug or IRI of one that the project describes and that lies in `folder`. Raise
    InputError where there is no such document, where it is another version, or where it does not have the text.
    """
    return documents.cite(_open_document(project, document, folder), text)


def _open_document(project: Project, word: str, folder: Path | None) -> Document:
    described = documents.list_documents(csvw.convert(project.metadata).triples)
    path = Path(word)
    if path.is_file():
        found = documents.read_document(path, path.resolve().as_uri())
        by_checksum = {checksum: iri for iri, _, _, checksum in described.iter_rows()}
        return replace(found, iri=by_checksum.get(found.sha256, found.iri))
    for iri, file, _, checksum in described.iter_rows():
        if iri.rpartition("/")[2] != word.rpartition("/")[2]:
            continue
        if folder is None:
            raise InputError.at(
                word, f"is the file {file}, and its folder is not known", "name it with --documents DIR"
            )
        document = documents.read_document(folder / file, iri)
        if document.sha256 != checksum:
            raise InputError.at(
                document.path, "is another version than data/documents.csv describes", "get that version"
            )
        return document
    slugs = ", ".join(iri.rpartition("/")[2] for iri in described["document"])
    raise InputError.at(word, "is neither a file nor a document of the project", f"the project has {slugs}")


def fetch_for_shapes(address: str, shapes: Triples, limit: int) -> Triples:
    """Fetch from a SPARQL endpoint the triples that shapes can look at: those of their targets' and paths' predicates.

    Raise EndpointError where there are more than `limit`, for a graph that was cut short validates to nothing true.
    """
    from glocal_rdf import shacl  # noqa: PLC0415

    predicates = shacl.needed_predicates(shapes)
    block = "" if predicates is None else f"VALUES ?p {{ {' '.join(sorted(predicates))} }} "
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {block}?s ?p ?o }} LIMIT {limit + 1}"
    fetched = ask(address, text).triples or Triples.empty()
    if len(fetched) > limit:
        mend = "raise --limit, or narrow the shapes"
        raise EndpointError.at(address, f"has more than {limit} triples that the shapes look at", mend)
    return fetched


def locate_results(built: Build, report: ValidationReport) -> Mapping[int, tuple[str, ...]]:
    """Find the cells that each result's triples came from: `data/places.csv:9 (country)`, by the result's position.

    A plain triple leads to the claim that it was derived from; a focus node without a cell of its own leads nowhere.
    """
    found = ((number, tuple(_places(built, result))) for number, result in enumerate(report.results))
    return {number: places for number, places in found if places}


def _places(built: Build, result: Result) -> Iterator[str]:
    path = result.path.iri if result.path and result.path.kind == "predicate" else None
    triples: list[tuple[str | None, str | None, str | None]] = []
    if path and result.value:
        triples.append((result.focus, path, result.value))
        triples += [
            (claim, f"<{RDF}object>", result.value) for claim in _claims(built, result.focus, path, result.value)
        ]
    if path:
        triples.append((result.focus, path, None))
        triples += [(claim, f"<{RDF}object>", None) for claim in _claims(built, result.focus, path, None)]
    triples.append((result.focus, None, None))
    for triple in triples:
        cells = csvw.locate(built.conversion, *triple)
        if cells:
            seen = dict.fromkeys(f"{_short(cell.file)}:{cell.row} ({cell.column})" for cell in cells)
            yield from list(seen)[:NEAR]
            return


def _claims(built: Build, subject: str, predicate: str, value: str | None) -> list[str]:
    rows = claims.list_claims(built.stated).filter((pl.col("subject") == subject) & (pl.col("predicate") == predicate))
    return rows.filter(pl.col("object") == value)["claim"].to_list() if value else rows["claim"].to_list()


def _short(file: str | Path) -> str:
    path = Path(file)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def coverage(project: Project, folder: Path, document: str | None = None) -> tuple[Coverage, ...]:
    """Measure how much of the project's documents, which lie in `folder`, is cited; or of the one with a slug or IRI.

    Raise InputError with every document that is missing or another version, and every passage outside its document.
    """
    return documents.measure_documents(csvw.convert(project.metadata).triples, folder, document)


def find(built: Build, words: str, limit: int = 10) -> tuple[Found, ...]:
    """Find the things that words mean, by name, description or definition, in any language; the likeliest first.

    Only things of the data are found, not the ontology's terms. Raise QueryError where SQLite has no full-text search.
    """
    return search_things(built.stated.union(built.plain), words, fold, limit)
