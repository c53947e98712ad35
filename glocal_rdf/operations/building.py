"""Builds a project's graph, validates it, writes it: project, csvw.convert, links, claims, rules, shacl.validate."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Literal

import polars as pl

from glocal_rdf import csvw
from glocal_rdf.claims import ranking
from glocal_rdf.errors import Problem, TableError
from glocal_rdf.operations.describing import describe_dataset, warn_of_project
from glocal_rdf.project import Project
from glocal_rdf.search.labels import name_things
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.sssom import read_links
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import add_graphs, serialize_dataset
from glocal_rdf.triples.prefixes import WELL_KNOWN

if TYPE_CHECKING:
    from glocal_rdf.operations.external import External
    from glocal_rdf.shacl import ValidationReport

__all__ = ["Build", "build", "build_to_validate", "export", "validate"]

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


@dataclass(frozen=True, repr=False)
class Build:
    """A project's graph and its parts: what is `stated` in tables and links, what is `plain`, what is `inferred`."""

    project: Project
    conversion: csvw.Conversion
    stated: Triples
    plain: Triples
    timeout: float = TIMEOUT
    """How many seconds a rule may take."""

    def __repr__(self) -> str:
        return f"<Build of {self.project.name}: {len(self.stated)} triples stated, {len(self.plain)} derived>"

    @cached_property
    def _followed(self) -> tuple[Triples, StoreProcess | None]:
        """What follows by the rules, and the store that it was found in; asked for by most verbs, not by all."""
        if not self.project.rules:
            return Triples.empty(), None
        known = self.stated.union(self.plain, self.project.ontology)
        store = StoreProcess()
        store.load(known.frame)
        return ranking.apply_rules(known, self.project.rules, store, timeout=self.timeout), store

    @property
    def inferred(self) -> Triples:
        """What follows by the project's rules. Raise InputError or QueryError that names a rule which is wrong."""
        return self._followed[0]

    @property
    def store(self) -> StoreProcess | None:
        """The store with what `with_ontology` holds, if rules were applied; to be asked, never to export from."""
        return self._followed[1]

    @cached_property
    def asked(self) -> StoreProcess:
        """The store with what `with_ontology` holds, for questions."""
        store = self.store
        if store is None:
            store = StoreProcess()
            store.load(self.with_ontology.frame)
        return store

    @cached_property
    def triples(self) -> Triples:
        """The whole data graph, without the ontology."""
        return self.stated.union(self.plain, self.inferred)

    @cached_property
    def with_ontology(self) -> Triples:
        """The data graph and the ontology: what questions are asked of, and what is validated."""
        return self.triples.union(self.project.ontology)

    @cached_property
    def sources(self) -> tuple[External, ...]:
        """What other sources say of the project's things, read when it is first asked for. Raise TableError."""
        from glocal_rdf.operations.external import read_external  # noqa: PLC0415 - most commands do without

        return read_external(self.project)

    @property
    def external(self) -> dict[str, Triples]:
        """What other sources say, by the IRI of each one's graph; a graph says of itself whence it comes."""
        return {source.iri: source.triples for source in self.sources}

    @cached_property
    def dataset(self) -> StoreProcess:
        """The same store, with what other sources say in named graphs; a question sees those that it is asked with."""
        add_graphs(self.asked, self.with_ontology, self.external)
        return self.asked

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the conversion of the tables warned of, and what of the project is not read."""
        return (*self.conversion.problems, *warn_of_project(self.project, self.conversion))

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that people read and write the graph with."""
        return {**WELL_KNOWN, **self._kinds, **self.project.prefixes}

    @cached_property
    def prefixes_for_questions(self) -> dict[str, str]:
        """The prefixes that a question need not declare: those of people, and those that the ontology's files declare.

        Where they differ, what the project says of itself is right, and then what its files declare.
        """
        return {**WELL_KNOWN, **self._kinds, **self.project.declared_prefixes}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """A prefix for each kind of thing (`place:taipei`): the part of its IRI that follows the dataset's space."""
        space = self.project.space
        if not space:
            return {}
        said = self.stated.union(self.plain).frame
        terms = pl.concat([said["subject"], said["object"]]).unique()
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


def build(project: Project, *, timeout: float = TIMEOUT) -> Build:
    """Build a project's graph; a rule may take `timeout` seconds, when what follows is first asked for.

    Raise TableError with every cell that breaks the description of its table.
    """
    conversion = csvw.convert(project.metadata, prefixes=project.declared_prefixes)
    if errors := conversion.errors + local_addresses(conversion):
        raise TableError.of(errors)
    stated = conversion.triples.union(*map(read_links, project.link_files)).merge(describe_dataset(conversion))
    plain = ranking.derive_plain(stated).difference(stated)
    return Build(project, conversion, stated, plain, timeout)


def local_addresses(conversion: csvw.Conversion) -> tuple[Problem, ...]:
    """Return what makes IRIs of this machine's files, as errors: a graph with them is another one in every folder."""
    hint = (
        'give the columns a propertyUrl or "suppressOutput": true, or the tables an address: '
        '"@context": ["http://www.w3.org/ns/csvw", {"@base": "https://example.org/data/"}]'
    )
    return tuple(replace(p, level="error", hint=hint) for p in conversion.problems if p.kind == "local")


def build_to_validate(project: Project, *, timeout: float = TIMEOUT) -> Build:
    """Build a project's graph, and what follows in it; meanwhile read the shapes that it will be validated against.

    Raise TableError as `build` does, and InputError where a rule or a file of shapes is wrong.
    """

    def read_ahead() -> tuple[Triples, Triples]:
        import_module("glocal_rdf.shacl")
        return project.shapes, project.external_shapes

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read_ahead)
        built = build(project, timeout=timeout)
        _ = built.with_ontology
        ahead.result()
    return built


def validate(
    built: Build | Triples,
    engine: Engine = "columns",
    *,
    shapes: Triples | None = None,
    ignore_unsupported: bool = False,
) -> ValidationReport:
    """Validate a project's graph, ontology included, against its shapes; or any graph against the `shapes` given.

    With `ignore_unsupported` features of the shapes that are not supported are listed in the report, else refused.
    Raise TypeError where a graph is given without shapes, ShapesError where the shapes are malformed.
    """
    from glocal_rdf import shacl  # noqa: PLC0415

    if isinstance(built, Triples) and shapes is not None:
        return shacl.validate(built, shapes, engine=engine, ignore_unsupported=ignore_unsupported)
    if not isinstance(built, Build) or shapes is not None:
        raise TypeError("validate takes a Build, or Triples with shapes=Triples")
    project = built.project
    return shacl.validate(
        built.with_ontology,
        project.shapes,
        ontology=project.ontology,
        engine=engine,
        store=built.store,
        given=built.triples,
        ignore_unsupported=ignore_unsupported,
    )


def export(built: Build, form: str = "turtle", *, ontology: bool = False, external: bool = False) -> bytes:
    """Write a project's graph in a format of RDF (`turtle`, `ntriples`, `nquads`, `trig`, `jsonld`, `rdfxml`).

    With `external` what other sources say goes along in named graphs, in TriG or N-Quads. Raise OutputError for another
    format.
    """
    graph = built.with_ontology if ontology else built.triples
    if external:
        return serialize_dataset(graph, built.external, form, built.prefixes)
    return graph.serialize(form, built.prefixes)
