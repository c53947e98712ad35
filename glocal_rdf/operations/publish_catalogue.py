"""The part of a published site for catalogues and machines: dumps, the descriptions of the dataset, and their page.

1. The dumps are made, and what is known of the dataset is put together: `Catalogue`, the one model.
2. Each description is written from it: DCAT-AP with provenance, VoID, schema.org, Croissant, DCAT-US, `CITATION.cff`,
   `llms.txt` and the questions.
3. Those that are RDF are checked against shapes of what their standard asks. What the project's metadata lack is
   reported with the property to add, and is not made up.

Where the address of the site is not known, addresses are relative; DCAT-US does not allow that, and is left out. It is
also left out where the metadata lack what it requires, so that no file is written that a catalogue refuses. Where they
lack what DCAT-AP requires, that is a problem, and the description is called DCAT.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import polars as pl

from glocal_rdf.errors import Problem, QueryError
from glocal_rdf.i18n import message, pick, translatable
from glocal_rdf.namespaces import DCAT, DCTERMS, VCARD, term
from glocal_rdf.operations.publish_dumps import Dumps, make_dumps
from glocal_rdf.operations.publish_qlever import PATH as QLEVERFILE
from glocal_rdf.operations.publish_qlever import write_qleverfile
from glocal_rdf.operations.publish_requirements import find_missing, report_required
from glocal_rdf.operations.query import list_questions
from glocal_rdf.operations.release_history import list_versions
from glocal_rdf.publish.addresses import choose_base, make_relative
from glocal_rdf.publish.catalogue.dcat import describe_in_dcat
from glocal_rdf.publish.catalogue.dcat_us import describe_in_dcat_us
from glocal_rdf.publish.catalogue.executables import describe_questions
from glocal_rdf.publish.catalogue.model import FOLDER, Agent, Catalogue, Executable, Input, Period, Source
from glocal_rdf.publish.catalogue.schema_org import describe_in_croissant, describe_in_schema_org
from glocal_rdf.publish.catalogue.statistics import count_graph
from glocal_rdf.publish.catalogue.texts import (
    name_licence,
    write_checksums,
    write_citation,
    write_llms_txt,
)
from glocal_rdf.publish.catalogue.void import describe_in_void
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Alternate, Contribution, File, Findings, MenuItem, Page, Site
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.grammar.tokens import add_prefixes
from glocal_rdf.triples import terms

__all__ = ["contribute", "describe_catalogue", "write_descriptions"]

PAGE: Final = f"{FOLDER}/index"
_DCAT: Final = f"{FOLDER}/catalogue.ttl"
_CHECKSUMS: Final = f"{FOLDER}/SHA256SUMS"
_PERIOD: Final = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)/(\d{4}(?:-\d\d(?:-\d\d)?)?)")
_DATES: Final = {4: "gYear", 7: "gYearMonth", 10: "date"}
_LIST: Final = (
    ("DCAT-AP 3.0.1, PROV (Turtle)", _DCAT),
    ("DCAT-AP 3.0.1, PROV (JSON-LD)", f"{FOLDER}/catalogue.jsonld"),
    ("VoID (Turtle)", f"{FOLDER}/void.ttl"),
    ("VoID (.well-known)", ".well-known/void"),
    ("Croissant 1.1", f"{FOLDER}/croissant.json"),
    ("SHACL: sh:SPARQLExecutable", f"{FOLDER}/questions.ttl"),
    ("CSV on the Web", f"{FOLDER}/tables/csv-metadata.json"),
    ("CITATION.cff", f"{FOLDER}/CITATION.cff"),
    ("llms.txt", "llms.txt"),
    ("DCAT-US 3.0", "data.json"),
)
"""The descriptions, with their paths."""


def contribute(site: Site) -> Contribution:
    """Return the dumps and descriptions of a dataset, and the page about them; the dumps are made when asked for."""

    @cache
    def make() -> _Made:
        return _make(site)

    def write(whole: Site) -> Iterator[File]:
        catalogue, dumps, valid, qleverfile, _ = make()
        for dump in (*catalogue.dumps, *(table.dump for table in catalogue.tables)):
            yield File(dump.path, dump.content)
        for path, content in dumps.others.items():
            yield File(path, content)
        if qleverfile:
            yield File(QLEVERFILE, qleverfile)
        # Versions have their pages and files by another part.
        shown = catalogue if "releases" in whole.contributions else replace(catalogue, versions=())
        for path, content in write_descriptions(shown, whole.built.prefixes).items():
            if path != "data.json" or valid[path]:
                yield File(path, content)
        yield from _render_page(whole, catalogue, valid)

    def link(page: Page, lang: str) -> str:
        from markupsafe import escape  # noqa: PLC0415 - only where a site is published

        address, text = site.link(page, PAGE, lang), message(lang, "All data, licences and descriptions")
        return f'<p class="data"><a href="{escape(address)}">{escape(text)}</a></p>\n'

    return Contribution(
        write=write,
        menu=(MenuItem(PAGE, site.say(translatable("Data")), order=70),),
        inserts={"home": link, "dataset": link},
        pages={"data": PAGE},
        find=lambda: make().findings,
    )


class _Made(NamedTuple):
    """The dumps and descriptions, which of these are valid, the settings of QLever, and what is to be reported."""

    catalogue: Catalogue
    dumps: Dumps
    valid: Mapping[str, bool]
    qleverfile: bytes
    findings: Findings


def _make(site: Site) -> _Made:
    catalogue, dumps = describe_catalogue(site)
    missing = find_missing(catalogue, site.languages[0])
    notes = [*dumps.notes, *(f"{catalogue.metadata}: {line}" for line in missing.recommended)]
    refused = missing.required["dcat-us"]
    if not site.base_url:
        notes.append("data.json (DCAT-US) needs the address of the site; give --base-url")
    elif refused:
        notes += [f"{catalogue.metadata}: {line}; without that, data.json is not written" for line in refused]
    required = (*missing.required["dcat"], *missing.required["void"])
    sources = {f"source-{source.name}": source.iri for source in site.built.source_graphs}
    qleverfile, left_out = write_qleverfile(site.built.project.name, catalogue.dumps, sources, site.base_url)
    problems = (*dumps.problems, *(report_required(catalogue, line) for line in required), *left_out)
    valid = {"data.json": bool(site.base_url and not refused), _DCAT: not missing.required["dcat"]}
    downloads = {dump.path: len(dump.content) for dump in catalogue.dumps}
    return _Made(catalogue, dumps, valid, qleverfile, Findings(downloads, tuple(notes), problems))


def describe_catalogue(site: Site) -> tuple[Catalogue, Dumps]:
    """Put together what is known of a published dataset, with its dumps.

    Args:
        site: The site.

    Examples:
        >>> from glocal_rdf import Project, build
        >>> from glocal_rdf.operations.publish import make_site
        >>> site = make_site(build(Project.bundled()), base_url="https://example.org/")
        >>> catalogue, _ = describe_catalogue(site)
        >>> catalogue.titles["en"], catalogue.part("turtle")
        ('The glocalization graph', 'https://example.org/data/catalogue#turtle')
    """
    built, about = site.built, site.about
    base = site.base_url or choose_base(value for values in about.values.values() for value in values)
    iri = about.dataset[1:-1] if about.dataset.startswith("<") else f"{base}{FOLDER}/catalogue#dataset"
    licence = about.link("license")
    dumps = make_dumps(built, iri, site.languages, licence)
    titles = _texts(about.objects(term(DCTERMS, "title")))
    creators = [_read_agent(site, one, f"{iri}-creator-{n}") for n, one in enumerate(_agents(site, "creator"), 1)]
    publisher = next((_read_agent(site, one, f"{iri}-publisher") for one in _agents(site, "publisher")), None)
    ontology = next((one for one, path in site.addresses.items() if path == "ontology/index"), "")
    questions, broken = _read_questions(site)
    by_name = {dump.name: dump.path for dump in dumps.files}
    catalogue = Catalogue(
        base=base,
        iri=iri,
        about=about,
        titles=titles or {"": built.project.name},
        descriptions=_texts(about.objects(term(DCTERMS, "description"))),
        languages=site.languages,
        publisher=publisher,
        creators=tuple(creators),
        contact=_read_contact(site, publisher),
        period=_read_period(site),
        statistics=count_graph(built.triples, built.project.space),
        things=site.resources.filter(pl.col("kind").is_in(["thing", "concept", "scheme"])).height,
        dumps=dumps.files,
        tables=dumps.tables,
        sources=tuple(
            Source(
                source.iri,
                _texts(source.about.match(predicate=term(DCTERMS, "title")).frame["object"].sort()),
                source.describe("source"),
                source.describe("license"),
                len(source.facts),
                by_name[f"source-{source.name}"],
            )
            for source in built.source_graphs
        ),
        inputs=tuple(_list_inputs(site)),
        questions=questions,
        ontology=ontology[1:-1],
        space=built.project.space,
        example=_choose_example(site),
        program=_name_program(),
        metadata=str(built.project.metadata),
        versions=list_versions(built.project, iri),
    )
    return catalogue, replace(dumps, problems=(*dumps.problems, *broken))


def _read_questions(site: Site) -> tuple[tuple[Executable, ...], tuple[Problem, ...]]:
    """Return the questions of a project with their whole queries, and what is wrong with those that are left out."""
    found, broken = [], []
    for one in list_questions(site.built.project):
        query = add_prefixes(one.text, site.built.query_prefixes)
        try:
            form = parse_query(query).form
        except QueryError as error:
            broken += [replace(problem, where=one.file or one.name) for problem in error.problems]
            continue
        found.append(Executable(one.name, one.title, one.description, query, form))
        if form == "DESCRIBE":
            why = "SHACL has no class for it; ask with SELECT or CONSTRUCT"
            broken.append(Problem(one.file or one.name, "is a DESCRIBE, and is not among data/questions.ttl", why))
    return tuple(found), tuple(broken)


def _name_program() -> str:
    from glocal_rdf import __version__  # noqa: PLC0415 - the package imports this module when it is used

    return f"Glocal RDF {__version__}"


def _texts(objects: Any) -> dict[str, str]:
    """Return the texts among terms by their languages, the first of each; that without a language by the empty text."""
    found: dict[str, str] = {}
    for one in objects:
        if one.startswith('"'):
            tag = one.rpartition('"')[2]
            found.setdefault(tag[1:] if tag.startswith("@") else "", terms.unquote(one))
    return found


def _agents(site: Site, name: str) -> tuple[str, ...]:
    return site.about.objects(term(DCTERMS, name))


def _read_agent(site: Site, value: str, other: str) -> Agent:
    """Return who a term means: a resource with its names and addresses, or the name that a text is.

    Args:
        site: The site.
        value: The term.
        other: The IRI for who has none.
    """
    if value.startswith('"'):
        return Agent(other, _texts([value]))
    described = site.about.describe(value)
    names = {**_texts(described.get(term(VCARD, "fn"), ())), **site.names.get(value, {})}
    reached = site.about.address_of(value)
    kind = next((one[1:-1] for one in described.get(term(DCTERMS, "type"), ()) if one.startswith("<")), "")
    email = reached if reached.lower().startswith("mailto:") else ""
    return Agent(value[1:-1] if value.startswith("<") else other, names, email, "" if email else reached, kind)


def _read_contact(site: Site, publisher: Agent | None) -> Agent | None:
    """Return who answers for the dataset: the contact that the metadata names, or a publisher who can be reached."""
    for value in site.about.objects(term(DCAT, "contactPoint")):
        if value == f"<{site.about.address_of(value)}>":
            mail, names = value[1:8].lower() == "mailto:", publisher.names if publisher else {}
            return Agent("", names, value[1:-1] if mail else "", "" if mail else value[1:-1])
        found = _read_agent(site, value, "")
        if found.names:
            return found
    if site.about.email:
        return Agent("", publisher.names if publisher else {}, site.about.email)
    return publisher if publisher and (publisher.email or publisher.url) else None


def _read_period(site: Site) -> Period | None:
    """Return the time that the metadata gives as `START/END`, or as a resource with two dates of DCAT."""
    for value in site.about.objects(term(DCTERMS, "temporal")):
        text = terms.unquote(value) if value.startswith('"') else ""
        if not text:
            described = site.about.describe(value)
            dates = [described.get(term(DCAT, name), ("",))[0] for name in ("startDate", "endDate")]
            text = "/".join(terms.unquote(one) for one in dates if one)
        if found := _PERIOD.fullmatch(text):
            start, end = ((one, _DATES[len(one)]) for one in found.groups())
            return Period(start, end)
    return None


def _list_inputs(site: Site) -> Iterator[Input]:
    """Yield the files that the dataset was built from, sorted, each with its checksum."""
    project = site.built.project
    conversions = (site.built.conversion, *(source.conversion for source in site.built.source_graphs))
    urls = [table.url for one in conversions if one.group for table in one.group.tables]
    paths = {Path(unquote(urlsplit(url).path)) for url in urls if url.startswith("file:")}
    root = project.root.resolve()
    for path in sorted({path.resolve() for path in (*project.input_files, *paths)}):
        if path.is_file() and path.is_relative_to(root):
            with path.open("rb") as opened:
                checksum = hashlib.file_digest(opened, "sha256").hexdigest()
            yield Input(path.relative_to(root).as_posix(), checksum)


def _choose_example(site: Site) -> tuple[str, str]:
    """Return the IRI and the page of the thing that most is stated of; empty where no thing has an IRI of its own."""
    space = site.built.project.space
    if not space:
        return ("", "")
    own = site.resources.filter((pl.col("kind") == "thing") & pl.col("term").str.starts_with(f"<{space}"))
    counts = (
        site.built.triples.frame.join(own, left_on="subject", right_on="term", how="semi").group_by("subject").len()
    )
    best = next(iter(counts.sort("len", "subject", descending=[True, False])["subject"].head(1)), "")
    return (best[1:-1], site.addresses[best]) if best else ("", "")


def write_descriptions(catalogue: Catalogue, prefixes: Mapping[str, str]) -> dict[str, bytes]:
    """Write all descriptions of a dataset: their contents by their paths in the site.

    Args:
        catalogue: What is known of the dataset.
        prefixes: Namespaces by prefix.
    """
    dcat = describe_in_dcat(catalogue)
    found = {
        _DCAT: dcat.serialize("turtle", prefixes),
        f"{FOLDER}/catalogue.jsonld": dcat.serialize("jsonld", prefixes),
        f"{FOLDER}/croissant.json": _write_json(describe_in_croissant(catalogue)),
        f"{FOLDER}/questions.ttl": describe_questions(catalogue).serialize("turtle", prefixes),
        f"{FOLDER}/CITATION.cff": write_citation(catalogue),
        _CHECKSUMS: write_checksums(catalogue),
        "llms.txt": write_llms_txt(catalogue),
        "data.json": _write_json(describe_in_dcat_us(catalogue)),
    }
    for path in (f"{FOLDER}/void.ttl", ".well-known/void"):
        found[path] = describe_in_void(catalogue, path).serialize("turtle", prefixes)
    return {path: make_relative(content, catalogue.base, path) for path, content in found.items()}


def _write_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode(errors="backslashreplace")


def _render_page(site: Site, catalogue: Catalogue, valid: Mapping[str, bool]) -> Iterator[File]:
    texts = {lang: pick(catalogue.descriptions, lang) for lang in site.languages}
    # What lacks something that the profile requires is DCAT all the same.
    profile = "DCAT-AP" if valid[_DCAT] else "DCAT"
    page = Page(
        path=PAGE,
        titles=site.say(translatable("Data")),
        descriptions=texts,
        iri="",
        kind="data",
        alternates=(
            Alternate("text/turtle", _DCAT, profile),
            Alternate("application/ld+json", f"{FOLDER}/catalogue.jsonld", profile),
        ),
    )
    shown = [
        (title if valid[_DCAT] else title.replace("DCAT-AP 3.0.1", "DCAT 3"), path)
        for title, path in _LIST
        if valid.get(path, True) or path == _DCAT
    ]
    values = {
        "catalogue": catalogue,
        "facts": {lang: list(_list_facts(catalogue, lang)) for lang in site.languages},
        "citation": {lang: catalogue.cite(lang) for lang in site.languages},
        "numbers": {lang: list(_list_numbers(catalogue, lang)) for lang in site.languages},
        "sizes": {dump.name: _show_size(dump.size) for dump in catalogue.dumps},
        "descriptions": shown,
        "checksums": _CHECKSUMS,
        "licence_name": name_licence,
    }
    renderer = Renderer(site)
    for lang in site.languages:
        structured = describe_in_schema_org(catalogue, lang)
        text = make_relative(json.dumps(structured).encode(), catalogue.base, f"{PAGE}.html")
        own = replace(page, structured=json.loads(text))
        yield File(site.file_of(PAGE, lang), renderer.render_in(own, "data.html", lang, **values))


def _list_facts(catalogue: Catalogue, lang: str) -> Iterator[tuple[str, str]]:
    """Yield what is stated of the dataset, for people: titles and values."""
    publisher = catalogue.publisher
    period = catalogue.period
    for title, value in (
        (message(lang, "Version"), catalogue.about.text("version", lang)),
        (message(lang, "First published"), catalogue.date("issued")),
        (message(lang, "Last changed"), catalogue.date("modified")),
        (message(lang, "Publisher"), pick(publisher.names, lang) or publisher.iri if publisher else ""),
        (message(lang, "Licence"), catalogue.licence),
        (message(lang, "Time"), f"{period.start[0]}–{period.end[0]}" if period else ""),
        (message(lang, "Built by"), catalogue.program),
    ):
        if value:
            yield title, value


def _list_numbers(catalogue: Catalogue, lang: str) -> Iterator[tuple[str, int]]:
    numbers = catalogue.tell()
    yield message(lang, "triples"), numbers["triples"]
    yield message(lang, "things"), numbers["things"]
    yield message(lang, "classes"), numbers["classes"]
    yield message(lang, "properties"), numbers["properties"]
    yield message(lang, "links to other datasets"), numbers["links"]
    if catalogue.statistics.claims:
        yield message(lang, "claims"), catalogue.statistics.claims


def _show_size(size: int) -> str:
    """Write a number of bytes for people.

    Examples:
        >>> _show_size(999), _show_size(1_500), _show_size(2_340_000)
        ('999 B', '1.5 kB', '2.3 MB')
    """
    number = float(size)
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
