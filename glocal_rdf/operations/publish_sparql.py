"""The part of a published site that answers SPARQL in the browser, over the dumps of the same site.

What the page needs is written when the site is published, so that nothing is asked of a server:

1. The scripts of the page (`publish/sparql_page/`) and the packages that they use (`publish/vendor/`): the engine
   Oxigraph as WebAssembly, which runs in a worker, the editor, and coastlines.
2. For each language a file with the texts of the page, the questions with their parameters, the classes and properties
   in use with their names (for completion), the prefixes, and the dumps to load with their sizes.
3. A list of the pages of the site, by which the IRIs in answers lead to them.

A site that is served by `glocal serve` has an endpoint (`Site.endpoint`). There the page asks that: nothing is loaded
first, however large the data are, and numbers are as they are written.

The default graph has the data and the ontology, and each other source is a named graph, as for `glocal query`, so that
both answer the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from glocal_rdf import publish
from glocal_rdf.files import pack, read_bytes
from glocal_rdf.i18n import message, pick, translatable
from glocal_rdf.namespaces import RDF_TYPE
from glocal_rdf.operations.query import list_questions
from glocal_rdf.publish.catalogue.model import FOLDER as DATA
from glocal_rdf.publish.rendering import ASSETS, Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site
from glocal_rdf.publish.vendor.manifest import list_vendored, read_vendored
from glocal_rdf.questions.catalogue import Question, strip_header
from glocal_rdf.search.labels import NAMES
from glocal_rdf.sparql.literals.forms import Forms

__all__ = ["PAGE", "contribute", "describe_page", "list_pages"]

FOLDER: Final = "sparql"
PAGE: Final = f"{FOLDER}/index"
_PAGES: Final = f"{FOLDER}/pages.txt.gz"
_SOURCE: Final = Path(publish.__file__).parent / "sparql_page"
_SCRIPTS: Final = f"{ASSETS}/{FOLDER}"
_VENDOR: Final = f"{ASSETS}/vendor"
_PACKED: Final = "web_bg.wasm"
"""The file that is packed, as many hosts send it as it is: a third of its 4 MB."""

_VENDORED: Final[Mapping[str, tuple[str, ...]]] = {
    "oxigraph": ("web.js", _PACKED, "LICENSE"),
    "codemirror": ("editor.js", "LICENSE"),
    "topojson-client": ("dist/topojson-client.min.js", "LICENSE"),
    "world-atlas": ("land-110m.json", "LICENSE"),
}

ASK_FIRST: Final = 10_000_000
"""From how many bytes on a visitor is asked before the data are loaded."""

_TEXTS: Final = {
    "asks": translatable("The data are {size}. They are loaded once, and stay in this browser."),
    "bar": translatable("Bars: {value} by {label}"),
    "bars_cut": translatable("The first {shown} of {count} rows"),
    "chart": translatable("Chart"),
    "choose": translatable("A query of your own"),
    "copied": translatable("The link is in the clipboard, and in the address bar."),
    "csv": translatable("Save as CSV"),
    "empty": translatable("No rows: nothing in the data matches."),
    "engine": translatable("The query engine could not be loaded: {reason}"),
    "error_at": translatable("Line {line}, column {column}: {problem}"),
    "error_early": translatable("the query ends too early; something is missing before its end"),
    "error_engine": translatable("the query could not be answered: {reason}"),
    "error_memory": translatable("the browser ran out of memory; add a LIMIT, or ask for less"),
    "error_open": translatable("“{mark}” is never closed; write “{other}”"),
    "error_closes": translatable("“{mark}” closes nothing; leave it out"),
    "error_other": translatable("“{mark}” stands where “{other}” must close; fix the brackets"),
    "error_prefix": translatable("“{name}:” is not a known prefix; write PREFIX {name}: <…>"),
    "error_server": translatable("the server did not answer: {reason}"),
    "error_service": translatable("SERVICE asks another server, which this page does not; leave it out"),
    "error_string": translatable("a string begins here that does not end; close it"),
    "error_token": translatable("“{word}” cannot stand here; check what is before it"),
    "error_unbound": translatable("SELECT has a variable that is neither grouped by nor counted"),
    "error_update": translatable("“{word}” changes data, and this page only reads; ask with SELECT"),
    "is_integer": translatable("write a whole number"),
    "is_language": translatable("write a language tag, such as en or zh-Hant"),
    "is_missing": translatable("a value is needed"),
    "is_thing": translatable("nothing in the data is called “{word}”; choose from the list"),
    "is_year": translatable("write a year of four digits"),
    "left_out": translatable("What this leaves out"),
    "line": translatable("Line: {value} by {label}"),
    "load": translatable("Load {size}"),
    "loading": translatable("Loading: {done} of {size}"),
    "map": translatable("Map"),
    "map_of": translatable("Map of {count} places"),
    "more": translatable("Show more rows"),
    "no": translatable("No"),
    "ntriples": translatable("Save as N-Triples"),
    "object": translatable("object"),
    "parse": translatable("Reading the data…"),
    "predicate": translatable("predicate"),
    "ready": translatable("{count} statements are loaded."),
    "rows_one": translatable("1 row in {time}"),
    "rows": translatable("{count} rows in {time}"),
    "running": translatable("Running: {time}"),
    "shown": translatable("The first {shown} of {count} rows; CSV has all."),
    "stopped": translatable("Stopped after {time}. The data are being loaded again."),
    "stopped_server": translatable("Stopped after {time}."),
    "subject": translatable("subject"),
    "table": translatable("Table"),
    "value": translatable("Value"),
    "yes": translatable("Yes"),
}
"""What the scripts of the page show; names in braces are filled in by them."""

_LEADS: Final = {
    False: translatable("Choose a question, or write SPARQL. The answer is computed in this browser, from the dumps."),
    True: translatable(
        "Choose a question, or write SPARQL. The answer is computed by the server, and its time is limited."
    ),
}
"""What the page says first, by whether an endpoint answers."""

_KINDS: Final = {
    "text": translatable("text"),
    "thing": translatable("thing"),
    "integer": translatable("whole number"),
    "year": translatable("year"),
    "language": translatable("language"),
}


def contribute(site: Site) -> Contribution:
    """Return the page that answers SPARQL, with what it needs."""

    def link(page: Page, lang: str) -> str:
        from markupsafe import escape  # noqa: PLC0415 - only where a site is published

        address, text = (
            site.link(page, PAGE, lang),
            message(lang, "Query the data with SPARQL, or with ready questions"),
        )
        return f'<p class="data"><a href="{escape(address)}">{escape(text)}</a></p>\n'

    return Contribution(
        write=_write,
        menu=(MenuItem(PAGE, site.say(translatable("Query")), order=60),),
        inserts={"home": link},
        pages={"sparql": PAGE},
    )


def _write(site: Site) -> Iterator[File]:
    page = Page(
        path=PAGE,
        titles=site.say(translatable("Query the data")),
        descriptions=site.say(_LEADS[bool(site.endpoint)]),
        kind="query",
        scripts=(f"{_SCRIPTS}/start.js",),
        styles=(f"{_SCRIPTS}/query.css",),
        policy={"script-src": "'self' 'wasm-unsafe-eval'"},
    )
    renderer = Renderer(site)
    questions = list_questions(site.built.project)
    terms = _count_terms(site)
    forms = _read_forms(site)
    # The engine in a browser writes numbers in its own way, the endpoint as the data have them.
    odd = forms.odd and not site.endpoint
    pages = pack(list_pages(site).encode())
    for lang in site.languages:
        name = _name_description(site, lang)
        yield File(site.file_of(PAGE, lang), renderer.render_in(page, "sparql.html", lang, config=name, odd=odd))
        described = describe_page(site, lang, questions, terms, forms, len(pages))
        text = json.dumps(described, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        yield File(name, text.encode(errors="backslashreplace"))
    yield File(_PAGES, pages)
    for path in sorted(_SOURCE.iterdir()):
        yield File(f"{_SCRIPTS}/{path.name}", read_bytes(path))
    for package, names in _VENDORED.items():
        for name in names:
            content = read_vendored(package, name)
            packed = name == _PACKED
            yield File(f"{_VENDOR}/{package}/{name}{'.gz' if packed else ''}", pack(content) if packed else content)


def _name_description(site: Site, lang: str) -> str:
    return site.file_of(f"{FOLDER}/page", lang).removesuffix("html") + "json"


def describe_page(
    site: Site, lang: str, questions: tuple[Question, ...], terms: pl.DataFrame, forms: Forms, size: int
) -> dict[str, Any]:
    """Return what the scripts of the page need to know, in a language.

    Args:
        site: The site.
        lang: The language.
        questions: The questions that fit the project.
        terms: The classes and properties in use: `term`, `kind`, `number`.
        forms: How literals are written, which the engine writes in its own way.
        size: The size of the list of pages.
    """
    built = site.built
    files = [] if site.endpoint else [{**one, "size": site.downloads[one["path"]]} for one in _list_data(site)]
    return {
        "languages": list(site.languages),
        "files": files,
        "endpoint": site.endpoint,
        "pages": {"path": _PAGES, "size": size},
        "engine": f"{_VENDOR}/oxigraph/{_PACKED}.gz",
        "ask_first": ASK_FIRST,
        "space": built.project.space,
        "tags": dict(forms.tags),
        "prefixes": built.query_prefixes,
        "names": [one[1:-1] for one in NAMES],
        "terms": [
            [one[1:-1], kind, site.name_of(one, lang) if one in site.names else "", number]
            for one, kind, number in terms.iter_rows()
        ],
        "questions": [_describe_question(one, lang) for one in questions],
        "texts": {name: message(lang, text) for name, text in _TEXTS.items()},
        "credit": list_vendored()["world-atlas"].credit,
    }


def _list_data(site: Site) -> Iterator[dict[str, Any]]:
    """Yield the dumps that make what is queried, each with the graph that it goes to."""
    own = (f"{DATA}/{site.built.project.name}.ttl.gz", f"{DATA}/ontology.ttl.gz")
    yield from ({"path": path, "graph": ""} for path in own if path in site.downloads)
    for source in site.built.source_graphs:
        yield {"path": f"{DATA}/source-{source.name}.ttl.gz", "graph": source.iri}


def _describe_question(question: Question, lang: str) -> dict[str, Any]:
    return {
        "name": question.name,
        "group": message(lang, question.group) if question.group else "",
        "title": pick(question.title, lang),
        "description": pick(question.description, lang),
        "leaves_out": question.leaves_out,
        "query": strip_header(question.text),
        "parameters": [
            {
                "name": one.name,
                "kind": one.kind,
                "type": message(lang, _KINDS[one.kind]),
                "about": message(lang, one.description),
            }
            for one in question.parameters
        ],
    }


def _count_terms(site: Site) -> pl.DataFrame:
    """Count the uses of classes and properties in all that is queried: `term`, `kind`, `number`, most used first."""
    frame = pl.concat([site.graph.frame, *(graph.frame for graph in site.built.named_graphs.values())])
    classes = frame.filter((pl.col("predicate") == RDF_TYPE) & pl.col("object").str.starts_with("<"))
    counted = [
        frame.group_by(term="predicate").agg(number=pl.len()).with_columns(kind=pl.lit("property")),
        classes.group_by(term="object").agg(number=pl.len()).with_columns(kind=pl.lit("class")),
    ]
    every = pl.concat([one.select("term", "kind", "number") for one in counted])
    return every.sort("number", "term", "kind", descending=[True, False, False])


def _read_forms(site: Site) -> Forms:
    """Return how the literals of all that is queried are written: their language tags, and whether numbers change."""
    forms = Forms()
    for graph in (site.graph, *site.built.named_graphs.values()):
        forms = forms.extended(graph.frame["object"])
    return forms


def list_pages(site: Site) -> str:
    """Return the pages of all things and terms, a line each, sorted: the IRI, a tab, and the path of the page.

    A thing in the dataset's space is written as `/` and the rest of its IRI. Its path is left out where it is `doc/`
    and that rest.

    Args:
        site: The site.
    """
    space = site.built.project.space
    lines = []
    for term, path in site.addresses.items():
        iri = term[1:-1]
        inside = bool(space) and iri.startswith(space)
        rest = iri[len(space) :]
        if inside:
            lines.append((f"/{rest}", "" if path == f"doc/{rest}" else path))
        else:
            lines.append((iri, path))
    # In the order in which scripts compare texts: by their units in UTF-16.
    lines.sort(key=lambda line: line[0].encode("utf-16-be", errors="surrogatepass"))
    return "".join(f"{iri}\t{path}\n" for iri, path in lines)
