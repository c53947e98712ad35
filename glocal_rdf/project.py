"""Finds and opens a project: any folder with `ontology/`, `shapes/` and `data/`.

The title, licence, publisher and base IRI of its dataset are in `data/csv-metadata.json`; there is no other
configuration. Outside any project the commands use the bundled dataset, which is part of the package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import InputError, Problem, ProjectError
from glocal_rdf.files import read_bytes
from glocal_rdf.namespaces import VANN, Term

if TYPE_CHECKING:
    from glocal_rdf.triples import Triples

__all__ = ["METADATA", "TABLE_ENDINGS", "WIKIBASE_TABLE", "Project"]

METADATA = Path("data") / "csv-metadata.json"
WIKIBASE_TABLE = Path("data") / "wikidata.csv"
"""The table that maps a project's terms to the properties and classes of a Wikibase (`glocal_rdf.wikidata`)."""

PARTS: Final = ("ontology", "shapes", "data")
MAX_TEXT_BYTES: Final = 64 << 20
TABLE_ENDINGS: Final = {".csv", ".tsv", ".tab", ".xlsx", ".xls", ".ods", ".parquet"}
_GRAPHS: Final = {".ttl", ".nt", ".nq", ".trig", ".n3", ".rdf", ".owl", ".xml", ".jsonld"}
_AS_TURTLE: Final = "save it as Turtle in {}, with the ending .ttl"
_PLACES: Final[tuple[tuple[str, tuple[str, ...], set[str], str], ...]] = (
    # A folder; folders in it that have an entry of their own, if it is searched recursively; endings; a hint.
    ("data", ("links", "external"), TABLE_ENDINGS, "describe it in data/csv-metadata.json"),
    ("data/external", (), TABLE_ENDINGS, "describe it in a file beside it, of its name and -metadata.json"),
    ("data/links", (), {".tsv", ".csv"}, "write it as a mapping (SSSOM) whose name ends with .sssom.tsv"),
    ("ontology", ("examples", "rules"), _GRAPHS, _AS_TURTLE.format("ontology/")),
    ("ontology/rules", (), {".rq", ".sparql", ".ru"}, "put it into ontology/rules/, with the ending .rq"),
    ("shapes", ("external",), _GRAPHS, _AS_TURTLE.format("shapes/")),
    ("shapes/external", (), _GRAPHS, _AS_TURTLE.format("shapes/external/")),
)


@dataclass(frozen=True)
class Project:
    """A folder with an ontology (what terms mean), data (what is known) and shapes (what must hold).

    Attributes:
        root: The folder.

    Examples:
        >>> Project.bundled().name
        'glocal'
    """

    root: Path

    @classmethod
    def open(cls, folder: Path | str) -> Project:
        """Open the project in a folder.

        Raises:
            ProjectError: With every part that is missing.
        """
        root = Path(folder)
        if not root.is_dir():
            raise ProjectError.at(root, "is not a folder", "name a folder with ontology/, shapes/ and data/")
        project = cls(root)
        missing = list(project._find_missing())
        if missing:
            raise ProjectError.of(missing)
        return project

    @classmethod
    def find(cls, start: Path | str) -> Project:
        """Open the project around a folder, or else the bundled one.

        The folder itself counts as a project if it has any of `ontology/`, `shapes/` and `data/`; a folder above it, if
        it has two of them, or one of them that `start` is in.

        Raises:
            ProjectError: Where such a folder lacks parts, or `start` is not a folder.
        """
        here = Path(start).resolve()
        if not here.is_dir():
            raise ProjectError.at(start, "is not a folder", "name a folder that exists")
        inside = ""
        for folder in (here, *here.parents):
            parts = [part for part in PARTS if (folder / part).is_dir()]
            if (folder / METADATA).is_file() or len(parts) > 1 or (parts and (folder == here or inside in parts)):
                return cls.open(folder)
            inside = folder.name
        return cls.bundled()

    @classmethod
    def bundled(cls) -> Project:
        """Open the glocalization dataset that comes with the package."""
        package = Path(__file__).resolve().parent
        inside = package / "bundled"
        return cls.open(inside if inside.is_dir() else package.parent)

    @property
    def metadata(self) -> Path:
        """The description of the tables (CSV on the Web)."""
        return self.root / METADATA

    @property
    def ontology_files(self) -> list[Path]:
        """The files of the ontology, sorted."""
        return sorted((self.root / "ontology").glob("*.ttl"))

    @property
    def rule_files(self) -> list[Path]:
        """The files of the rules, one CONSTRUCT query each, sorted."""
        return sorted((self.root / "ontology" / "rules").glob("*.rq"))

    @property
    def shape_files(self) -> list[Path]:
        """The files of the shapes graph, sorted."""
        return sorted((self.root / "shapes").glob("*.ttl"))

    @property
    def link_files(self) -> list[Path]:
        """The mappings to other datasets (SSSOM), sorted."""
        return sorted((self.root / "data" / "links").glob("*.sssom.tsv"))

    @property
    def external_files(self) -> list[Path]:
        """The descriptions of the tables of other sources, one source a file (CSV on the Web), sorted."""
        return sorted((self.root / "data" / "external").glob("*-metadata.json"))

    @property
    def external_shape_files(self) -> list[Path]:
        """The files of the shapes for the graphs of other sources, sorted."""
        return sorted((self.root / "shapes" / "external").glob("*.ttl"))

    @cached_property
    def ontology(self) -> Triples:
        """The ontology, with what it imports.

        Raises:
            InputError: With the location of a mistake in its syntax.
        """
        return self._ontology[0]

    @cached_property
    def shapes(self) -> Triples:
        """The shapes graph, with what it imports.

        Raises:
            InputError: With the location of a mistake in its syntax.
        """
        return self._shapes[0]

    @cached_property
    def external_shapes(self) -> Triples:
        """The shapes graph for the graphs of other sources, which may be empty.

        Raises:
            InputError: As `shapes` does.
        """
        return self._external_shapes[0]

    @property
    def import_problems(self) -> tuple[Problem, ...]:
        """Warnings of imports of the ontology and the shapes that were not followed."""
        return (*self._ontology[1], *self._shapes[1], *self._external_shapes[1])

    @cached_property
    def _ontology(self) -> tuple[Triples, tuple[Problem, ...]]:
        # Graphs are imported late here, so that a project is found fast, as completion on the command line must be.
        from glocal_rdf.triples import Triples  # noqa: PLC0415
        from glocal_rdf.triples.imports import follow_imports  # noqa: PLC0415

        graph = Triples.empty().merge(*map(Triples.read, self.ontology_files))
        return follow_imports(graph, [self.root], self.ontology_files)

    @cached_property
    def _shapes(self) -> tuple[Triples, tuple[Problem, ...]]:
        return self._read_shapes(self.shape_files)

    @cached_property
    def _external_shapes(self) -> tuple[Triples, tuple[Problem, ...]]:
        return self._read_shapes(self.external_shape_files)

    def _read_shapes(self, files: list[Path]) -> tuple[Triples, tuple[Problem, ...]]:
        """Read files of shapes, whose relative IRIs are resolved against their own addresses."""
        from glocal_rdf.triples import Triples  # noqa: PLC0415 - as above
        from glocal_rdf.triples.imports import follow_imports  # noqa: PLC0415

        parts = [Triples.read(file, base=file.resolve().as_uri()) for file in files]
        loaded = [self.ontology] if parts else []
        return follow_imports(Triples.empty().merge(*parts), [self.root], files, loaded)

    @cached_property
    def rules(self) -> dict[str, str]:
        """The texts of the rules, by the name of the file without its ending."""
        return {path.stem: read_text(path) for path in self.rule_files}

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """The description of the dataset: the common properties of the table group.

        Raises:
            InputError: Where it cannot be read, or is not JSON.
        """
        text = read_text(self.metadata)
        try:
            group = json.loads(text)
        except json.JSONDecodeError as error:
            where = f"{self.metadata}:{error.lineno}:{error.colno}"
            raise InputError.at(where, f"is not JSON: {error.msg}", "correct the description of the tables") from error
        except RecursionError as error:
            raise InputError.at(
                self.metadata, "is nested too deeply", "make the description of the tables flatter"
            ) from error
        if not isinstance(group, dict):
            raise InputError.at(self.metadata, "is not a table group", "write a JSON object with tables")
        return {key: value for key, value in group.items() if ":" in key}

    @property
    def space(self) -> str:
        """The beginning of the IRIs of the dataset's things (void:uriSpace), or the empty text."""
        value = self.description.get("void:uriSpace", "")
        return str(value.get("@value", value.get("@id", "")) if isinstance(value, dict) else value)

    @property
    def documents(self) -> Path | None:
        """The folder `documents/` with the texts that claims are taken from; None where there is none."""
        folder = self.root / "documents"
        return folder if folder.is_dir() else None

    @property
    def name(self) -> str:
        """A short name for files: the prefix that the ontology prefers, or the name of the folder."""
        names = (*self.prefixes, self.root.resolve().name)
        # It becomes the name of a file, and an ontology of somebody else must not choose its folder.
        return next((name for name in names if re.fullmatch(r"\w[\w.-]*", name)), "graph")

    @property
    def input_files(self) -> list[Path]:
        """Every file of the project, except for the tables that its descriptions name."""
        return [
            self.metadata,
            *self.ontology_files,
            *self.rule_files,
            *self.shape_files,
            *self.external_shape_files,
            *self.link_files,
            *self.external_files,
        ]

    @property
    def table_files(self) -> list[Path]:
        """Every file in `data/` that may be a table, described or not, sorted."""
        return sorted(path for path in (self.root / "data").rglob("*") if path.suffix.lower() in TABLE_ENDINGS)

    def find_unread(self, tables: Collection[Path]) -> Iterator[Problem]:
        """Yield a warning for each file in the project's folders that looks like a part of it and is not read.

        The folder `ontology/examples` is for people, and may contain anything.

        Args:
            tables: The tables that are described.
        """
        described = [path.with_name(path.name.removesuffix("-metadata.json")) for path in self.external_files]
        mapped = self.root / WIKIBASE_TABLE
        read = {path.resolve() for path in (*self.input_files, *tables, *described, mapped)}
        for folder, within, endings, hint in _PLACES:
            here = self.root / folder
            for path in sorted(here.rglob("*") if within else here.glob("*")) if here.is_dir() else ():
                ending = Path(path.name.lower().removesuffix(".gz")).suffix
                if ending not in endings or path.resolve() in read or not path.is_file():
                    continue
                if path.relative_to(here).parts[0] in within or any(part[0] == "." for part in path.parts[1:]):
                    continue
                what = "is not described, so nothing of it is read" if endings is TABLE_ENDINGS else "is not read"
                yield Problem(str(path), what, hint, kind="unread", level="warning", file=str(path))

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the ontologies prefer for their terms (VANN), sorted."""
        from glocal_rdf.triples import terms  # noqa: PLC0415 - as above

        prefixes, namespaces = (
            {subject: terms.unquote(value) for subject, _, value in self.ontology.match(predicate=f"<{VANN}{name}>")}
            for name in ("preferredNamespacePrefix", "preferredNamespaceUri")
        )
        return {prefixes[subject]: namespaces[subject] for subject in sorted(prefixes.keys() & namespaces.keys())}

    def find_terms(self, *names: str) -> tuple[Term, ...]:
        """Find the terms that stand for terms of the Glocal ontology: the project's own of that name, and itself.

        Args:
            names: The names of the terms, such as `heldBy`.
        """
        from glocal_rdf.vocabulary import find_terms  # noqa: PLC0415 - as above

        return tuple(found for name in names for found in find_terms(name, self.ontology, self.prefixes.values()))

    @cached_property
    def declared_prefixes(self) -> dict[str, str]:
        """The prefixes that descriptions of tables may use: those that the ontology's files declare or prefer."""
        import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

        found: dict[str, str] = {}
        for path in self.ontology_files:
            try:
                parser = pyoxigraph.parse(read_bytes(path), pyoxigraph.RdfFormat.TURTLE, lenient=True)
                for _ in parser:
                    pass
                found |= dict(parser.prefixes)
            except (SyntaxError, ValueError):  # `ontology` reports it, with its place
                continue
        return {prefix: namespace for prefix, namespace in found.items() if prefix} | self.prefixes

    def _find_missing(self) -> Iterator[Problem]:
        wanted = (
            (
                METADATA,
                [self.metadata] if self.metadata.is_file() else [],
                "describe the tables there (CSV on the Web)",
            ),
            ("ontology/*.ttl", self.ontology_files, "define the terms there"),
            ("shapes/*.ttl", self.shape_files, "write there what must hold, in SHACL"),
        )
        for part, files, hint in wanted:
            if not files:
                yield Problem(str(self.root / part), "is missing, so this is not a project", hint, kind="missing")


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, with or without a byte-order mark.

    Raises:
        InputError: Where it cannot be read.
    """
    try:
        return read_bytes(path, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.at(path, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
