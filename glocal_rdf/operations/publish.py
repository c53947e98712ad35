"""Publishes a project: a site of static files for people and machines, put together of parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import polars as pl

from glocal_rdf.dataset import Build
from glocal_rdf.errors import OutputError, Problem
from glocal_rdf.namespaces import DCTERMS, FOAF, OWL, RDF_TYPE, RDFS_LABEL, SCHEMA, SCHEMA_HTTPS, term
from glocal_rdf.operations.dataset_metadata import find_dataset_iri
from glocal_rdf.operations.publish_parts import choose_parts
from glocal_rdf.project import Project
from glocal_rdf.publish.about import About
from glocal_rdf.publish.addresses import assign_paths
from glocal_rdf.publish.resources import find_fragments, find_resources
from glocal_rdf.publish.site import File, Site
from glocal_rdf.publish.writer import Written, check_target, write_site
from glocal_rdf.search.labels import names_by_language
from glocal_rdf.triples.formats.registry import find_format, format_names

__all__ = [
    "Published",
    "choose_languages",
    "contribute_parts",
    "make_site",
    "name_reused_terms",
    "publish_site",
    "read_base_url",
]

_TITLES: Final = (
    term(DCTERMS, "title"),
    term(SCHEMA_HTTPS, "name"),
    term(SCHEMA, "name"),
    term(FOAF, "name"),
)
"""What things are called that have no label."""

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Published:
    """A site that was written.

    Attributes:
        site: The site, with the contributions of its parts.
        written: How many files there are, and how many have changed.
        notes: What a user should know of the parts, such as an extra that is not installed.
        problems: What was left out, each with its place.
    """

    site: Site
    written: Written
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def publish_site(
    built: Build,
    output: Path,
    *,
    base_url: str = "",
    formats: Iterable[str] | None = None,
    without: Iterable[str] = (),
    documents: Path | None = None,
    report: Callable[[int], object] = lambda _number: None,
) -> Published:
    """Write a site of static files in the place of the former one: only what has changed, and all of it or nothing.

    Args:
        built: The build to publish; it is not validated here.
        output: The folder of the site: a new or an empty one, or one that was written before.
        base_url: The address that the site will have.
        formats: The formats of RDF beside each page; by default all that hold one graph.
        without: The names of parts that are left out.
        documents: The folder of the documents, for what the site says of their coverage and of the evidence; by default
            `documents/` in the project. Nothing of their text is published.
        report: Called with the number of files that are done, now and then.

    Raises:
        OutputError: Where the folder has files and is not a site, the address is not one, a format or a part is not
            known, or a file cannot be written.
        InputError: Where a template of the project has a mistake.

    Examples:
        >>> import tempfile
        >>> from glocal_rdf import Project, build
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     published = publish_site(build(Project.bundled()), Path(folder), formats=["turtle"])
        ...     (Path(folder) / "doc/organization/uclg.zh-Hant.html").exists()
        True
    """
    check_target(output)
    site = contribute_parts(make_site(built, base_url=base_url, formats=formats, documents=documents), without)
    written = write_site(_list_files(site), output, report=report)
    parts = site.contributions.values()
    notes = tuple(note for part in parts for note in (*part.notes, *part.find().notes))
    # Two parts that read the same may find the same fault.
    problems = tuple(dict.fromkeys(one for part in parts for one in (*part.problems, *part.find().problems)))
    return Published(site, written, notes, problems)


def make_site(
    built: Build, *, base_url: str = "", formats: Iterable[str] | None = None, documents: Path | None = None
) -> Site:
    """Return the site of a build, without any part.

    Args:
        built: The build.
        base_url: The address that the site will have.
        formats: The formats of RDF beside each page; by default all that hold one graph.
        documents: The folder of the documents; by default `documents/` in the project.

    Raises:
        OutputError: Where the address is not one, or a format is not known.
    """
    iri = find_dataset_iri(built.conversion)
    dataset = f"<{iri}>" if iri else "_:dataset"
    about = About(built.stated, dataset)
    heads = built.project.ontology.match(predicate=RDF_TYPE, object=term(OWL, "Ontology")).frame["subject"]
    ontology = next(iter(heads.sort()), "")
    resources = find_resources(built, dataset)
    paths = assign_paths(
        resources["term"],
        space=built.project.space,
        dataset=dataset,
        ontology=ontology,
        sources={f"<{source.iri}>": source.name for source in built.source_graphs},
        namespaces=built.project.prefixes,
        prefixes=built.prefixes,
    )
    return Site(
        built=built,
        about=about,
        addresses={**paths, **find_fragments(built.with_ontology, resources, paths)},
        names=_read_names(built),
        base_url=read_base_url(base_url, "--base-url"),
        languages=choose_languages(about),
        formats=tuple(_read_formats(formats)),
        resources=resources,
        documents=documents or built.project.documents,
    )


def contribute_parts(site: Site, without: Iterable[str] = ()) -> Site:
    """Return a site with what all parts add to it.

    Args:
        site: The site.
        without: The names of parts that are left out.

    Raises:
        OutputError: Where there is no such part, or it cannot be left out.
    """
    contributions = {part.name: part.contribute(site) for part in choose_parts(without)}
    added = {term: path for one in contributions.values() for term, path in one.addresses.items()}
    return replace(site, contributions=contributions, addresses={**added, **site.addresses})


def _list_files(site: Site) -> Iterator[File]:
    for part in site.contributions.values():
        yield from part.write(site)


def _read_names(built: Build) -> Mapping[str, Mapping[str, str]]:
    """Return the preferred names of things and terms; those of other vocabularies as the bundled ontology has them."""
    frame = built.with_ontology.frame
    frames = [frame, *(source.about.frame for source in built.source_graphs)]
    titles = pl.concat(frames).filter(pl.col("predicate").is_in(_TITLES)).with_columns(predicate=pl.lit(RDFS_LABEL))
    return {**name_reused_terms(), **names_by_language(titles), **names_by_language(frame)}


def name_reused_terms() -> Mapping[str, Mapping[str, str]]:
    """Return the names of terms of other vocabularies, by term and language, as the bundled ontology has them."""
    return names_by_language(Project.bundled().ontology.frame)


def read_base_url(text: str, option: str) -> str:
    """Return an address that ends in `/`.

    Args:
        text: What was given.
        option: The option that it was given with.

    Raises:
        OutputError: Where it is not that of a folder on the web.
    """
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    odd = re.search(r"[\x00-\x20<>\"\\^`{|}]", text) or not text.isascii()
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or odd:
        raise OutputError.at(option, f"{text!r} is not the address of a site", "write https://host/path/")
    return text if text.endswith("/") else f"{text}/"


def choose_languages(about: About) -> tuple[str, ...]:
    """Return the languages that the dataset names, or else English; English first, as it is the fallback of all."""
    named = [tag for tag in about.languages if _LANGUAGE.fullmatch(tag)]
    return tuple(dict.fromkeys(sorted(named, key=lambda tag: (tag.partition("-")[0] != "en", tag)))) or ("en",)


def _read_formats(names: Iterable[str] | None) -> Iterator[str]:
    """Yield the names of formats, each once, in the order of the registry.

    Raises:
        OutputError: Where one is not known, or does not hold a single graph.
    """
    known = format_names(datasets=False)
    chosen = set(known if names is None else ())
    for name in names or ():
        found = find_format(name, None, OutputError).name
        if found not in known:
            raise OutputError.at("--formats", f"{found} is for several graphs", f"choose among {', '.join(known)}")
        chosen.add(found)
    return (name for name in known if name in chosen)
