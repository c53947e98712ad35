"""Writes a project's graph in the formats of RDF, or as tables, a map or a network."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from glocal_rdf.dataset import Build, find_source_graph
from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.exports import DescribedGraph, Exported, find_form, form_names
from glocal_rdf.files import make_folder, read_bytes, write_bytes
from glocal_rdf.triples.datasets import serialize_dataset

__all__ = ["export", "export_form", "pack_files", "write_exported"]

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of the files in an archive, so that it is the same on every run."""


def export(
    built: Build, form: str = "turtle", *, ontology: bool = False, external: bool = False, source: str | None = None
) -> bytes:
    """Write a project's graph in a format of RDF, the same bytes on every run.

    Args:
        built: The build to export.
        form: `turtle`, `ntriples`, `nquads`, `trig`, `jsonld` or `rdfxml`.
        ontology: Whether the ontology is written with the data.
        external: Whether the graphs of other sources are written too, as named graphs (`trig`, `nquads`, `jsonld`).
        source: The name or IRI of a source graph that is written instead of the project's graph.

    Raises:
        OutputError: Where the format is unknown or cannot hold named graphs, or `source` is given with another part.
        QueryError: Where there is no such source graph.
    """
    if form in form_names():
        raise OutputError.at("export", f"{form} is not a format of RDF", "use export_form")
    if source is not None:
        if ontology or external:
            raise OutputError("a source graph is written alone; leave the ontology and the other graphs out")
        return find_source_graph(built, source).triples.serialize(form, built.prefixes)
    graph = built.with_ontology if ontology else built.triples
    if external:
        return serialize_dataset(graph, built.named_graphs, form, built.prefixes)
    return graph.serialize(form, built.prefixes)


def export_form(
    built: Build,
    form: str,
    *,
    ontology: bool = False,
    external: bool = False,
    source: str | None = None,
    claims: bool = False,
    about: Collection[str] = (),
    lang: str = "en",
) -> Exported:
    """Write a project's graph in a form beside the formats of RDF: tables, a map, a network, nanopublications.

    It is the same on every run.

    Args:
        built: The build to export.
        form: The name of the form.
        ontology: Whether the terms of the ontology are among the things.
        external: Whether coordinates of other sources are shown too (`geojson`).
        source: The name or IRI of a source graph that is written instead of the project's graph.
        claims: Whether claims are edges of a network (`graphml`).
        about: The names, slugs or IRIs of things whose claims are written, or of claims (`nanopub`); all claims where
            there is none.
        lang: The language of the names of things and properties.

    Returns:
        The files, with notes on what they hold, and problems for what they do not.

    Raises:
        OutputError: Where there is no such form, or it cannot show what was asked for.
        QueryError: Where there is no such source graph, or no thing of such a name.

    Examples:
        >>> from glocal_rdf import Project, build
        >>> exported = export_form(build(Project.bundled()), "csv")
        >>> sorted(exported.files)[:2], exported.problems
        (['Agent.csv', 'Agreement.csv'], ())
    """
    from glocal_rdf.operations.dataset_metadata import find_dataset_iri  # noqa: PLC0415 - these forms alone
    from glocal_rdf.search.labels import preferred_labels, resolve_name_or_raise  # noqa: PLC0415

    chosen = find_form(form)
    if external and not chosen.sources:
        raise OutputError.at("export", f"{form} holds one graph", "name a source: --external NAME")
    if claims and not chosen.claims:
        raise OutputError.at("export", f"{form} has no edges for claims", "use --claims with graphml")
    if source is not None and (ontology or external):
        raise OutputError("a source graph is written alone; leave the ontology and the other graphs out")
    if about and not chosen.chosen:
        raise OutputError.at("export", f"{form} is written whole", "use --about with nanopub")
    described: dict[str, object] = {}
    if source is not None:
        triples = find_source_graph(built, source).triples
    else:
        triples = built.with_ontology if ontology else built.triples
        iri = find_dataset_iri(built.conversion)
        described = {**({"@id": iri} if iri else {}), **built.project.description}
    graph = DescribedGraph(
        triples,
        built.project.ontology,
        preferred_labels(built.with_ontology, lang),
        built.prefixes,
        tuple(built.project.prefixes.values()),
        lang,
        described,
        {one.name: one.triples for one in built.source_graphs} if external else {},
        claims,
        {f"<{iri}>" for word in about for iri in resolve_name_or_raise(triples, word, built.prefixes)}
        if about
        else None,
    )
    return chosen.write(graph)


def write_exported(exported: Exported, output: Path) -> tuple[Path, ...]:
    """Write the files of a form into a folder, or into an archive where its name ends with `.zip`.

    A folder is made, and must be empty or have a former export, which is replaced.

    Returns:
        The files that were written.

    Raises:
        OutputError: Where the folder has other files, or cannot be written.
    """
    if output.suffix.lower() == ".zip":
        write_bytes(pack_files(exported.files), output)
        return (output,)
    from glocal_rdf.exports.tables import DESCRIPTION  # noqa: PLC0415 - this form alone is of several files

    if output.exists() and not output.is_dir():
        raise OutputError.at(output, "is a file, not a folder", "name a folder, or a file that ends with .zip")
    if output.is_dir() and any(output.iterdir()):
        former = _list_former(output / DESCRIPTION)
        if former is None:
            raise OutputError.at(output, "has files that no export wrote", "name an empty or a new folder")
        for name in former - exported.files.keys():
            (output / name).unlink(missing_ok=True)
    make_folder(output)
    # The description is written last, so that it describes what is there.
    names = sorted(exported.files, key=lambda name: (name == DESCRIPTION, name))
    for name in names:
        write_bytes(exported.files[name], output / name)
    return tuple(output / name for name in names)


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Pack files into an archive (zip), the same bytes on every run.

    Args:
        files: The contents by name.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return file.getvalue()


def _list_former(description: Path) -> set[str] | None:
    """Return the names of the files that a former export wrote; None where there was none."""
    from urllib.parse import unquote  # noqa: PLC0415 - only where a folder is written again

    from glocal_rdf.exports.tables import MARK, OTHER_GRAPH  # noqa: PLC0415

    try:
        found = json.loads(read_bytes(description))
        marked = any(note.get("dc:description") == MARK for note in found["notes"])
        names = {unquote(table["url"]) for table in found["tables"]}
    except (InputError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return {name for name in names | {OTHER_GRAPH} if Path(name).name == name} if marked else None
