"""The part of a published site about the releases of a dataset: pages with changes in words, files, stream and feed.

1. A page lists all versions (the changelog); each has a page with its numbers, its files and what has changed since the
   version before it, by thing. The page lists so many; `changes.json.gz` and `changes.rdfp.gz` have all.
2. The files of every release are copied, so that old versions stay where they are.
3. The stream (`publish.history.event_stream`) and the feed are for programs that follow the dataset.

A project without releases has none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.changes import Changes, write_patch
from glocal_rdf.changes.blank_nodes import relabel_as_before
from glocal_rdf.changes.sections import TITLES, Section, list_sections
from glocal_rdf.changes.text import count_more, count_part, name_part, summarize, write_line
from glocal_rdf.errors import OutputError
from glocal_rdf.files import pack
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import RDF, term
from glocal_rdf.operations.release_history import Step, find_left_out, list_versions, read_steps
from glocal_rdf.publish.addresses import choose_base, make_relative
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.publish.catalogue.versions import RELEASES, Version, describe_version
from glocal_rdf.publish.history.event_stream import (
    FORMATS,
    PREFIXES,
    STREAM,
    describe_entry,
    describe_fragment,
    find_changed,
)
from glocal_rdf.publish.history.feed import Entry, write_feed
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Alternate, Contribution, File, MenuItem, Page, Site
from glocal_rdf.releases.metadata import remove_version
from glocal_rdf.triples import Triples
from glocal_rdf.triples.formats.registry import Format, find_format

__all__ = ["contribute"]

PAGE: Final = f"{RELEASES}/index"
_TITLE: Final = translatable("Versions")
_FIRST: Final = translatable("The first release.")
_LISTED: Final = 50
"""How many things of each section a page lists."""

_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Part:
    """What has changed in a part of the dataset, in one language.

    Attributes:
        title: What the part is called.
        count: How many triples were added and removed.
        sections: Title, number and things of each kind of change; how many are not listed, in words.
    """

    title: str
    count: str
    sections: tuple[tuple[str, int, Section, str], ...]


@dataclass(frozen=True)
class Summary:
    """What the list of versions and the feed have of a version.

    Attributes:
        version: The version.
        triples: How many triples it has.
        claims: How many claims it has.
        words: What has changed, in a line, by language.
        members: How many members the event stream has for it.
    """

    version: Version
    triples: int
    claims: int
    words: Mapping[str, str]
    members: int


def contribute(site: Site) -> Contribution:
    """Return the pages, files, stream and feed of the releases of a project; nothing where it has none.

    Raises:
        InputError: Where the files of a release are not what was released.
    """
    project, about = site.built.project, site.about
    dataset = about.dataset[1:-1] if about.dataset.startswith("<") else ""
    base = site.base_url or choose_base([site.built.triples.serialize("ntriples").decode()])
    versions = list_versions(project, dataset or f"{base}{RELEASES}/dataset")
    if not versions:
        return Contribution(write=lambda _site: ())
    notes = [] if dataset or site.base_url else ["no feed of releases: give the dataset an IRI (@id), or --base-url"]
    left_out = [form.title for form in _list_all(site) if form not in _list_formats(site)]
    if left_out:
        notes.append(
            f"no {' and '.join(left_out)} beside the pages of releases: these need absolute IRIs; give --base-url"
        )

    def link(page: Page, lang: str) -> str:
        from markupsafe import escape  # noqa: PLC0415 - only where a site is published

        address = site.link(page, versions[-1].path, lang)
        text = message(lang, "Version {version} of {date}", version=versions[-1].version, date=versions[-1].issued)
        return f'<p class="data"><a href="{escape(address)}">{escape(text)}</a></p>\n'

    return Contribution(
        write=partial(_write, versions=versions, base=base, dataset=dataset),
        menu=(MenuItem(PAGE, site.say(_TITLE), order=80),),
        inserts={"home": link, "dataset": link},
        pages={"releases": PAGE, **{f"release {one.version}": one.path for one in versions}},
        addresses={f"<{one.iri}>": one.path for one in versions},
        lasting=tuple(path for one in versions for path in _list_lasting(one)),
        notes=tuple(notes),
        problems=tuple(find_left_out(project, versions)),
    )


def _list_lasting(version: Version) -> Iterator[str]:
    """Yield the files and folders of a version that never change again."""
    for name in FORMATS:
        yield f"{version.fragment}.{find_format(name, None, OutputError).endings[0]}"
    yield f"{RELEASES}/{version.version}/files/"
    if version.previous:
        yield version.patch


def _write(site: Site, versions: tuple[Version, ...], base: str, dataset: str) -> Iterator[File]:
    renderer = Renderer(site)
    summaries: list[Summary] = []
    last = Triples.empty()
    for number, step in enumerate(read_steps(site.built.project, versions)):
        changed, last = find_changed(step.former, step.graph), step.graph
        summaries.append(_summarize(site, step, len(changed)))
        following = versions[number + 1] if number + 1 < len(versions) else None
        yield from _render_version(site, renderer, step.changes, summaries, following)
        yield from _describe(site, step.version, base, dataset)
        yield from _copy_files(step)
        for name in FORMATS:
            form = find_format(name, None, OutputError)
            path = f"{step.version.fragment}.{form.endings[0]}"
            page = describe_fragment(base, form.endings[0], step.version, step.graph, changed, site.built.project.space)
            yield File(path, make_relative(form.write(page.frame, {**site.prefixes, **PREFIXES}), base, path))
    titles = site.about.texts("title", site.languages)
    for name in FORMATS:
        form = find_format(name, None, OutputError)
        path = f"{STREAM}.{form.endings[0]}"
        entry = describe_entry(base, form.endings[0], versions, titles, site.about.link("license"))
        yield File(path, make_relative(form.write(entry.frame, {**site.prefixes, **PREFIXES}), base, path))
    feeds = {}
    if dataset or site.base_url:
        feeds = {lang: _feed_path(site, lang) for lang in site.languages}
        for lang, path in feeds.items():
            yield File(path, _write_feed(site, lang, path, dataset, summaries))
    yield from _render_list(site, renderer, summaries, feeds, _count_unreleased(site, last))


def _summarize(site: Site, step: Step, members: int) -> Summary:
    frame = step.graph.frame
    claims = frame.filter(pl.col("predicate") == term(RDF, "predicate"))["subject"].n_unique()
    words = {
        lang: message(lang, _FIRST) if step.changes is None else summarize(step.changes, lang)
        for lang in site.languages
    }
    return Summary(step.version, len(step.graph), claims, words, members)


def _put_into_words(changes: Changes, lang: str) -> Iterator[Part]:
    """Yield what has changed in each part of the dataset, and at last in its rules."""
    for graph in changes:
        sections = tuple(
            (
                message(lang, TITLES[section.kind]),
                len(section),
                section,
                count_more(section.left_out, lang) if section.left_out else "",
            )
            for section in list_sections(changes, graph, lang, _LISTED)
        )
        yield Part(name_part(graph, lang), count_part(graph, lang), sections)


def _render_version(
    site: Site, renderer: Renderer, changes: Changes | None, summaries: list[Summary], following: Version | None
) -> Iterator[File]:
    summary = summaries[-1]
    version = summary.version
    titles = {
        lang: f"{site.about.text('title', lang) or site.built.project.name} {version.version}"
        for lang in site.languages
    }
    page = Page(
        path=version.path,
        titles=titles,
        descriptions=summary.words,
        iri=version.iri if site.about.dataset.startswith("<") else "",
        kind="release",
        alternates=tuple(
            Alternate(form.media_type, f"{version.path}.{form.endings[0]}", form.title) for form in _list_formats(site)
        ),
    )
    for lang in site.languages:
        parts = tuple(_put_into_words(changes, lang)) if changes else ()
        content = renderer.render_in(
            page,
            "release.html",
            lang,
            version=version,
            summary=summary,
            previous=summaries[-2].version if len(summaries) > 1 else None,
            following=following,
            parts=parts,
            rules=changes.rules if changes else (),
            say=lambda line, lang=lang: write_line(line, lang),
            more=lambda number, lang=lang: count_more(number, lang),
            stream=[f"{version.fragment}.{find_format(name, None, OutputError).endings[0]}" for name in FORMATS],
        )
        yield File(site.file_of(version.path, lang), content)


def _list_all(site: Site) -> tuple[Format, ...]:
    return tuple(find_format(name, None, OutputError) for name in site.formats)


def _list_formats(site: Site) -> tuple[Format, ...]:
    """List the formats beside the page of a version: without an address of the site, those with relative IRIs."""
    return tuple(form for form in _list_all(site) if site.base_url or form.resolves)


def _describe(site: Site, version: Version, base: str, dataset: str) -> Iterator[File]:
    """Yield the description of a version beside its page, in each format."""
    made = Statements()
    this = dataset or f"{base}{RELEASES}/dataset"
    titles = site.about.texts("title", site.languages)
    describe_version(made, version, this, base, titles, site.about.link("license"))
    for form in _list_formats(site):
        path = f"{version.path}.{form.endings[0]}"
        yield File(path, make_relative(form.write(made.triples.sort().frame, site.prefixes), base, path))


def _copy_files(step: Step) -> Iterator[File]:
    """Yield the files of a release, and the patch that leads to it."""
    for file in step.version.files:
        yield File(file.path, _read_parts(file.source))
    sums = f"{RELEASES}/{step.version.version}/files/SHA256SUMS"
    lines = (f"{file.sha256}  {file.name}\n" for file in step.version.files)
    yield File(sums, "".join(lines).encode())
    if step.changes is not None:
        yield File(step.version.patch, pack(write_patch(step.changes)))


def _read_parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            yield part


def _feed_path(site: Site, lang: str) -> str:
    return f"{RELEASES}/feed.xml" if lang == site.languages[0] else f"{RELEASES}/feed.{lang}.xml"


def _write_feed(site: Site, lang: str, path: str, dataset: str, summaries: list[Summary]) -> bytes:
    title = site.about.text("title", lang) or site.built.project.name
    authors = site.about.names("publisher", lang) or site.about.names("creator", lang) or (title,)
    iri = dataset or site.address(PAGE)

    def address(file: str) -> str:
        # Without an address of the site, those in the feed are relative to its own.
        return site.address(file) or file.removeprefix(f"{RELEASES}/")

    entries = [
        Entry(
            one.version.iri,
            f"{title} {one.version.version}",
            one.version.moment,
            address(site.file_of(one.version.path, lang)),
            one.words[lang],
        )
        for one in reversed(summaries)
    ]
    page = address(site.file_of(PAGE, lang))
    return write_feed(iri, f"{title}: {message(lang, _TITLE)}", ", ".join(authors), page, address(path), lang, entries)


def _render_list(
    site: Site, renderer: Renderer, summaries: list[Summary], feeds: Mapping[str, str], unreleased: tuple[int, int]
) -> Iterator[File]:
    endings = [find_format(name, None, OutputError) for name in FORMATS]
    stream = [Alternate(form.media_type, f"{STREAM}.{form.endings[0]}", form.title) for form in endings]
    for lang in site.languages:
        own = [Alternate("application/atom+xml", feeds[lang], message(lang, _TITLE))] if feeds else []
        page = Page(path=PAGE, titles=site.say(_TITLE), kind="releases", alternates=(*own, *stream))
        content = renderer.render_in(
            page,
            "releases.html",
            lang,
            summaries=summaries[::-1],
            feed=feeds.get(lang, ""),
            stream=stream,
            unreleased=unreleased,
        )
        yield File(site.file_of(PAGE, lang), content)


def _count_unreleased(site: Site, released: Triples) -> tuple[int, int]:
    """Count the triples that the data have and the last release does not have, and the other way round.

    What a release states of its version does not count.
    """
    now, then = (remove_version(graph, site.about.dataset) for graph in (site.built.triples, released))
    now = Triples.from_distinct(relabel_as_before(then.frame, now.distinct().frame))
    return len(now.difference(then)), len(then.difference(now))
