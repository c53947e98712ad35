"""What is known of a dataset that is published: the one model from which every description of it is written.

Nothing in it is made up: texts, people and dates are those of the project's metadata, numbers are counted, checksums
are those of the files that are published with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from glocal_rdf.i18n import pick
from glocal_rdf.publish.about import About
from glocal_rdf.publish.catalogue.statistics import Statistics
from glocal_rdf.publish.catalogue.versions import Version

__all__ = ["FOLDER", "Agent", "Catalogue", "Dump", "Executable", "Input", "Period", "Source", "Table"]

FOLDER: Final = "data"
"""The folder of the dumps and descriptions in a site."""


@dataclass(frozen=True, kw_only=True)
class Dump:
    """A file with the whole dataset, or a part of it, in one format.

    Attributes:
        name: A short name, which is the fragment of its IRI.
        path: The path of the file in the site.
        titles: What it is called, by language.
        descriptions: What it holds, by language.
        media_type: The media type of the format.
        file_type: The code of the format in the EU's table of file types.
        content: The bytes of the file; none where another part of the site writes it.
        size: How many bytes it has.
        sha256: Their checksum.
        packed: The media type of its packing; empty where the file is not packed.
        licences: The licences of what is in it: one, or those of all graphs that it has.
        standard: The IRI of the specification of the format.
        whole: Whether it holds the whole data graph.
    """

    name: str
    path: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    media_type: str
    file_type: str
    content: bytes = field(repr=False)
    size: int
    sha256: str
    packed: str = ""
    licences: tuple[str, ...] = ()
    standard: str = ""
    whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the dump of tables: what a reader of CSV finds in it.

    Attributes:
        dump: The dump that is its file.
        titles: What it is called, by language.
        columns: For each column its name, its title (in the head of the file) and its datatype (CSV on the Web).
    """

    dump: Dump
    titles: Mapping[str, str]
    columns: tuple[tuple[str, str, str], ...]


class Agent(NamedTuple):
    """Who publishes, makes or answers for the dataset.

    Attributes:
        iri: The IRI; empty where it has none.
        names: Its names, by language.
        email: A `mailto:` address, or the empty text.
        url: An address on the web, or the empty text.
        kind: The IRI of the kind of publisher (dcterms:type), or the empty text.
    """

    iri: str
    names: Mapping[str, str]
    email: str = ""
    url: str = ""
    kind: str = ""


class Period(NamedTuple):
    """A period of time: its first and its last date, each with its datatype in XML Schema."""

    start: tuple[str, str]
    end: tuple[str, str]


class Source(NamedTuple):
    """Another source whose graph is published beside that of the project.

    Attributes:
        iri: The IRI of its graph.
        titles: Its titles, by language.
        source: Where it was taken from.
        licence: The IRI of its licence.
        triples: How many triples it has.
        dump: The path of the file with it.
    """

    iri: str
    titles: Mapping[str, str]
    source: str
    licence: str
    triples: int
    dump: str


class Input(NamedTuple):
    """A file that the dataset was built from: its path in the project, and its checksum (SHA-256)."""

    path: str
    sha256: str


class Executable(NamedTuple):
    """A question that the dataset answers.

    Attributes:
        name: Its name.
        titles: What is asked, by language.
        descriptions: More about it, by language.
        query: The whole query in SPARQL, with the prefixes that it uses.
        form: Its form: `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`.
    """

    name: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    query: str
    form: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalogue:
    """The published dataset.

    Attributes:
        base: The address of the site, ending in `/`.
        iri: The IRI of the dataset.
        about: What the project's metadata states of it.
        titles: Its titles, by language; the name of the project where the metadata has none.
        descriptions: Its descriptions, by language; empty where there is none.
        languages: The languages of its texts (BCP 47), the first one that of the first page.
        publisher: Who publishes it; None where the metadata names nobody.
        creators: Who made it.
        contact: Who answers for it.
        period: The time that it is about; None where the metadata does not give it.
        statistics: What was counted in it.
        things: How many things, concepts and schemes with pages it has.
        dumps: Its files.
        tables: The tables of it.
        sources: Other sources beside it.
        inputs: The files that it was built from.
        questions: The questions that it answers.
        ontology: The IRI of its ontology; empty where there is none.
        space: How the IRIs of its things begin.
        example: The IRI of one of its things, and the path of its page; both empty where there is none.
        program: The name and version of the program that built it.
        metadata: The name of the file with its metadata, for messages.
        versions: Its released versions with pages and files on the site, the earliest first.
    """

    base: str
    iri: str
    about: About
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    languages: tuple[str, ...]
    publisher: Agent | None
    creators: tuple[Agent, ...]
    contact: Agent | None
    period: Period | None
    statistics: Statistics
    things: int
    dumps: tuple[Dump, ...]
    tables: tuple[Table, ...]
    sources: tuple[Source, ...]
    inputs: tuple[Input, ...]
    questions: tuple[Executable, ...]
    ontology: str
    space: str
    example: tuple[str, str]
    program: str
    metadata: str
    versions: tuple[Version, ...] = ()

    @property
    def licence(self) -> str:
        """The IRI of its licence; empty where the metadata gives none."""
        return self.about.link("license")

    @property
    def page(self) -> str:
        """The address of the page about it and its files."""
        return f"{self.base}{FOLDER}/index.html"

    def address(self, path: str) -> str:
        """Return the address of a file of the site.

        Args:
            path: Its path in the site.
        """
        return self.base + quote(path)

    def part(self, name: str) -> str:
        """Return the IRI of a part of the description, such as a distribution.

        Args:
            name: Its name.
        """
        return f"{self.base}{FOLDER}/catalogue#{quote(name)}"

    def pick(self, texts: Mapping[str, str]) -> str:
        """Return a text in the first language that has it; empty where none has."""
        return next((texts[lang] for lang in (*self.languages, *texts) if texts.get(lang)), "")

    def date(self, name: str) -> str:
        """Return the text of a date that the metadata gives, such as `modified`; empty without one."""
        return self.about.text(name, self.languages[0])

    def cite(self, lang: str) -> str:
        """Return how to cite it, in one line: who, year, title, version, address.

        Args:
            lang: The language of names and title.
        """
        people = self.creators or ((self.publisher,) if self.publisher else ())
        names = ", ".join(filter(None, (pick(one.names, lang) for one in people)))
        year = (self.date("modified") or self.date("issued"))[:4]
        version = self.about.text("version", lang)
        head = f"{names} ({year}). " if names and year else f"{names}. " if names else f"({year}). " if year else ""
        title = pick(self.titles, lang) + (f", {version}" if version else "")
        return f"{head}{title}. {self.iri}"

    def tell(self) -> Mapping[str, Any]:
        """Return the numbers that pages and texts show, by name."""
        counted = self.statistics
        return {
            "triples": counted.triples,
            "things": self.things,
            "classes": len(counted.classes),
            "properties": len(counted.properties),
            "links": sum(one.triples for one in counted.linksets),
        }
