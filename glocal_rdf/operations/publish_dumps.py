"""Makes the dumps of a published dataset: the whole graph in each format, the graphs that it is made of, and tables."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.errors import Problem
from glocal_rdf.exports.tables import DESCRIPTION
from glocal_rdf.files import pack
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import PROV, RDF, local_name, term
from glocal_rdf.operations.export import export_form, pack_files
from glocal_rdf.publish.catalogue.model import FOLDER, Dump, Table
from glocal_rdf.sssom import read_links
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import serialize_dataset

__all__ = ["Dumps", "make_dumps", "split_graphs"]

_GZIP: Final = "application/gzip"
_W3C: Final = "https://www.w3.org"


@dataclass(frozen=True)
class Dumps:
    """The dumps of a dataset.

    Attributes:
        files: The dumps.
        tables: The tables, each a file of its own beside the archive with all of them.
        others: Files that belong to the tables, by their path in the site.
        notes: What a reader should know of what they hold.
        problems: What they do not hold, each with its place.
    """

    files: tuple[Dump, ...]
    tables: tuple[Table, ...]
    others: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Maker:
    """Makes dumps of one build, with the texts of its languages."""

    def __init__(self, built: Build, languages: tuple[str, ...], licence: str) -> None:
        """Take the build.

        Args:
            built: The build.
            languages: The languages of titles and descriptions.
            licence: The IRI of the licence of the dataset; empty without one.
        """
        self._languages = languages
        self._name = built.project.name
        self.own = (licence,) if licence else ()

    def make(
        self,
        name: str,
        ending: str,
        data: bytes,
        title: str,
        text: str,
        media_type: str,
        file_type: str,
        *,
        packed: str = _GZIP,
        licences: tuple[str, ...] | None = None,
        standard: str = "",
        whole: bool = True,
        path: str = "",
    ) -> Dump:
        """Make one dump, and pack it.

        Args:
            name: Its short name.
            ending: The ending of the file, without that of the packing.
            data: What it holds.
            title: Its title, for people; a format's name is the same in all languages.
            text: What it holds, for people, in English; translated where there is a translation.
            media_type: The media type.
            file_type: The code of the file type.
            packed: The media type of the packing; gzip is done here.
            licences: The licences of what it holds; that of the dataset by default.
            standard: The IRI of the specification.
            whole: Whether it holds the whole graph.
            path: The path of the file; by default it has the name of the project.
        """
        content = pack(data) if packed == _GZIP else data
        return Dump(
            name=name,
            path=path or f"{FOLDER}/{self._name}.{ending}{'.gz' if packed == _GZIP else ''}",
            titles={lang: message(lang, title) for lang in self._languages},
            descriptions={lang: message(lang, text) for lang in self._languages},
            media_type=media_type,
            file_type=file_type,
            content=content,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            packed=packed,
            licences=self.own if licences is None else licences,
            standard=standard,
            whole=whole,
        )


def make_dumps(built: Build, dataset: str, languages: tuple[str, ...], licence: str) -> Dumps:
    """Make the dumps of a build, the same bytes on every run.

    Args:
        built: The build.
        dataset: The IRI of the dataset, which names the graphs of its parts.
        languages: The languages of titles and descriptions.
        licence: The IRI of the licence of the dataset; empty without one.

    Examples:
        >>> import gzip
        >>> from glocal_rdf import Project, build
        >>> dumps = make_dumps(build(Project.bundled()), "https://w3id.org/glocal/graph/glocal", ("en",), "")
        >>> dumps.files[0].path, gzip.decompress(dumps.files[0].content)[:7]
        ('data/glocal.ttl.gz', b'@prefix')
    """
    maker = _Maker(built, languages, licence)
    files = [*_make_whole(built, maker), _make_graphs(built, maker, dataset), *_make_ontology(built, maker)]
    files += _make_sources(built, maker)
    notes: list[str] = []
    problems: list[Problem] = []
    for form, make in (("turtle-1.2", _make_rdf_12), ("geojson", _make_map)):
        exported = export_form(built, form, external=form == "geojson")
        problems += exported.problems
        found = make(built, maker, exported.files[""])
        if found is None:
            notes += exported.notes
        else:
            files.append(found)
    exported = export_form(built, "csv")
    notes += exported.notes
    problems += exported.problems
    archive = pack_files(exported.files)
    text = translatable("A table for each class, with a description from which they become the same RDF again.")
    kind = ("CSV", text, "text/csv", "CSV")
    files.append(
        maker.make("csv", "csv.zip", archive, *kind, packed="application/zip", standard=f"{_W3C}/TR/tabular-metadata/")
    )
    tables = tuple(_list_tables(exported.files, maker))
    own = {table.dump.path for table in tables}
    others = {f"{FOLDER}/tables/{name}": data for name, data in exported.files.items()}
    others = {path: data for path, data in others.items() if path not in own}
    return Dumps(tuple(files), tables, others, tuple(notes), tuple(problems))


def _make_whole(built: Build, maker: _Maker) -> Iterator[Dump]:
    """Make the dumps with the whole data graph, and nothing else."""
    text = translatable("The whole data graph: statements, claims with their passages, and links.")
    for name, ending, title, media_type, file_type, standard in (
        ("turtle", "ttl", "Turtle", "text/turtle", "RDF_TURTLE", f"{_W3C}/TR/turtle/"),
        ("ntriples", "nt", "N-Triples", "application/n-triples", "RDF_N_TRIPLES", f"{_W3C}/TR/n-triples/"),
        ("jsonld", "jsonld", "JSON-LD", "application/ld+json", "JSON_LD", f"{_W3C}/TR/json-ld11/"),
    ):
        data = built.triples.serialize(name, built.prefixes)
        yield maker.make(name, ending, data, title, text, media_type, file_type, standard=standard)
    stream = io.BytesIO()
    built.triples.sort().frame.write_parquet(stream, compression="zstd")
    text = translatable("The whole data graph as a table with three columns: subject, predicate and object.")
    kind = ("Parquet", text, "application/vnd.apache.parquet", "PARQUET")
    yield maker.make("parquet", "parquet", stream.getvalue(), *kind, packed="")


def _make_graphs(built: Build, maker: _Maker, dataset: str) -> Dump:
    """Make the dump with the graphs that the dataset is made of, those of other sources among them."""
    default, named = split_graphs(built, dataset)
    data = serialize_dataset(default, {**named, **built.named_graphs}, "trig", built.prefixes)
    text = translatable(
        "The graphs that the dataset is made of: the claims of each document, links, inferred statements, "
        "the ontology, and the graphs of other sources, each under its own licence."
    )
    kind = ("TriG", text, "application/trig", "RDF_TRIG")
    return maker.make("trig", "trig", data, *kind, licences=_all_licences(built, maker), standard=f"{_W3C}/TR/trig/")


def _make_ontology(built: Build, maker: _Maker) -> Iterator[Dump]:
    """Make the dump with the ontology, where the project has one; with the data graph it is what queries see."""
    if not len(built.project.ontology):
        return
    text = translatable("The ontology: the classes and properties of the data, with labels and definitions.")
    data = built.project.ontology.serialize("turtle", built.prefixes)
    kind = ("Ontology (Turtle)", text, "text/turtle", "RDF_TURTLE")
    path = f"{FOLDER}/ontology.ttl.gz"
    yield maker.make("ontology", "", data, *kind, standard=f"{_W3C}/TR/turtle/", whole=False, path=path)


def _all_licences(built: Build, maker: _Maker) -> tuple[str, ...]:
    others = (source.describe("license") for source in built.source_graphs)
    return tuple(dict.fromkeys((*maker.own, *filter(None, others))))


def _make_sources(built: Build, maker: _Maker) -> Iterator[Dump]:
    for source in built.source_graphs:
        text = translatable("What another source states about the things of the dataset.")
        licence = source.describe("license")
        made = maker.make(
            f"source-{source.name}",
            "",
            source.triples.serialize("turtle", built.prefixes),
            source.describe("title") or source.name,
            text,
            "text/turtle",
            "RDF_TURTLE",
            licences=(licence,) if licence else (),
            standard=f"{_W3C}/TR/turtle/",
            whole=False,
            path=f"{FOLDER}/source-{source.name}.ttl.gz",
        )
        yield made


def _make_rdf_12(built: Build, maker: _Maker, data: bytes) -> Dump | None:
    if built.triples.match(predicate=term(RDF, "predicate")).frame.is_empty():
        return None
    text = translatable("The whole data graph, with its claims as reifiers of RDF 1.2.")
    kind = ("Turtle 1.2", text, "text/turtle", "RDF_TURTLE")
    return maker.make("turtle-1.2", "rdf12.ttl", data, *kind, standard=f"{_W3C}/TR/rdf12-turtle/", whole=False)


def _make_map(built: Build, maker: _Maker, data: bytes) -> Dump | None:
    if not json.loads(data)["features"]:
        return None
    text = translatable("The things that have coordinates, those of other sources among them.")
    kind = ("GeoJSON", text, "application/geo+json", "GEOJSON")
    licences = _all_licences(built, maker)
    return maker.make(
        "geojson",
        "geojson",
        data,
        *kind,
        licences=licences,
        standard="https://www.rfc-editor.org/rfc/rfc7946",
        whole=False,
    )


def _list_tables(files: Mapping[str, bytes], maker: _Maker) -> Iterator[Table]:
    """Yield the tables that the description of the tables names, as files of their own."""
    for table in json.loads(files[DESCRIPTION])["tables"]:
        url = str(table["url"])
        name = unquote(url)
        title = local_name(name.removesuffix(".csv"))
        columns = []
        for column in table["tableSchema"]["columns"]:
            if column.get("virtual"):
                continue
            titles = column.get("titles", column["name"])
            titles = next(iter(titles.values())) if isinstance(titles, dict) else titles
            titles = titles[0] if isinstance(titles, list) else titles
            datatype = column.get("datatype", "string")
            datatype = datatype.get("base", "string") if isinstance(datatype, dict) else datatype
            columns.append((str(column["name"]), str(titles), "string" if column.get("separator") else str(datatype)))
        dump = maker.make(
            f"table-{title}",
            "",
            files[name],
            title,
            "A table for each class, with a description from which they become the same RDF again.",
            "text/csv",
            "CSV",
            packed="",
            whole=False,
            path=f"{FOLDER}/tables/{name}",
        )
        yield Table(dump=dump, titles=dump.titles, columns=tuple(columns))


def split_graphs(built: Build, dataset: str) -> tuple[Triples, dict[str, Triples]]:
    """Part the data graph into what the dataset is made of.

    Args:
        built: The build.
        dataset: The IRI of the dataset, which the names of the graphs begin with.

    Returns:
        The default graph (things, documents, passages and truthy statements), and by name: the claims of each document
        (`DATASET#claims/NAME`), links (`#links`), what rules infer (`#inferred`) and the ontology (`#ontology`). A
        claim from two documents is in the graphs of both. Together they are the data graph and the ontology.
    """
    frame = built.triples.frame
    passage = term(PROV, "wasDerivedFrom")
    claims = frame.filter(pl.col("predicate") == term(RDF, "predicate"))
    derived = (
        frame.filter(pl.col("predicate") == passage)
        .join(claims.select("subject"), on="subject", how="semi")
        .select(claim="subject", document=pl.col("object").str.extract(r"^<([^#>]*)"))
    )
    documents = derived["document"].drop_nulls().unique().sort()
    space = built.project.space
    named: dict[str, Triples] = {}
    taken = []
    for document in documents:
        own = derived.filter(pl.col("document") == document).select(subject="claim").unique()
        part = frame.join(own, on="subject", how="semi")
        short = document[len(space) :] if space and document.startswith(space) else local_name(document)
        named[f"{dataset}#claims/{short}"] = Triples(part)
        taken.append(part)
    links = Triples.empty().union(*map(read_links, built.project.link_files))
    parts = {"links": built.triples.intersection(links), "inferred": built.inferred, "ontology": built.project.ontology}
    named |= {f"{dataset}#{name}": part for name, part in parts.items() if len(part)}
    taken += [parts["links"].frame, parts["inferred"].frame]
    rest = frame.join(pl.concat(taken), on=["subject", "predicate", "object"], how="anti", nulls_equal=True)
    return Triples(rest), named
