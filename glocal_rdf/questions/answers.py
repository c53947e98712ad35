"""Asks a graph a SPARQL question, and writes the answer in the forms of the SPARQL results and of RDF.

https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from glocal_rdf.display import as_html_table, as_markdown_cell
from glocal_rdf.errors import GlocalError, QueryError
from glocal_rdf.lazy import importer
from glocal_rdf.namespaces import SPARQL_RESULTS, WELL_KNOWN, shorten
from glocal_rdf.sparql.execution.process import TIMEOUT, StoreProcess
from glocal_rdf.sparql.execution.results import Result
from glocal_rdf.sparql.grammar.tokens import has_dataset, names_graphs
from glocal_rdf.sparql.messages import check_prefixes
from glocal_rdf.sparql.policy import check_form, check_graphs
from glocal_rdf.triples import Triples, terms
from glocal_rdf.triples.formats.registry import format_names

__all__ = ["Answer", "ask", "read_answer"]

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROWS_SHOWN = 50
"""How many rows a notebook shows."""

_GRAPHS = frozenset(format_names(datasets=False))

__getattr__ = importer(__name__, {}, {"show": "triples.terms.unquote"})


@dataclass(frozen=True, repr=False)
class Answer:
    """What a source answered.

    Attributes:
        variables: The variables of a SELECT, without marks.
        bindings: Its solutions: for each the terms of the variables.
        truth: The answer of an ASK.
        triples: The graph of a CONSTRUCT or DESCRIBE.
    """

    variables: tuple[str, ...] = ()
    bindings: tuple[tuple[str | None, ...], ...] = ()
    truth: bool | None = None
    triples: Triples | None = None

    def __len__(self) -> int:
        if self.truth is not None:
            return 1
        return len(self.bindings) if self.triples is None else len(self.triples)

    def __repr__(self) -> str:
        if self.truth is not None:
            return f"<Answer: {'yes' if self.truth else 'no'}>"
        return f"<Answer: {len(self)} {'rows' if self.triples is None else 'triples'}>"

    def _repr_html_(self) -> str:
        if self.triples is not None:
            return self.triples._repr_html_()
        if self.truth is not None:
            return "yes" if self.truth else "no"
        rows = [[shorten(cell, WELL_KNOWN) for cell in row] for row in self.rows()[:_ROWS_SHOWN]]
        shown = f", the first {_ROWS_SHOWN}" if len(self) > _ROWS_SHOWN else ""
        return as_html_table(self.variables, rows, f"{len(self):,} rows{shown}")

    def serialize(self, form: str) -> bytes:
        """Write the answer in one of the SPARQL results formats, as Markdown, or in an RDF format.

        Args:
            form: `csv`, `tsv`, `json`, `xml` or `markdown` for bindings and truth; a format of RDF for a graph.

        Raises:
            QueryError: Where the form does not fit the answer.

        https://www.w3.org/TR/sparql11-results-csv-tsv/
        """
        if self.triples is not None:
            if form not in _GRAPHS:
                raise QueryError.at(
                    "format", f"a graph cannot be written as {form}", f"use {', '.join(sorted(_GRAPHS))}"
                )
            return self.triples.serialize(form)
        if form not in _TABULAR:
            raise QueryError.at("format", f"bindings cannot be written as {form}", f"use {', '.join(_TABULAR)}")
        return _TABULAR[form](self).encode()

    def rows(self) -> list[tuple[str, ...]]:
        """Return the bindings for people: text of a literal, IRI of a resource, empty text where unbound."""
        return [tuple("" if term is None else terms.unquote(term) for term in row) for row in self.bindings]


def _write_json(answer: Answer) -> str:
    """SPARQL 1.1 Query Results JSON Format."""
    if answer.truth is not None:
        return json.dumps({"head": {}, "boolean": answer.truth}) + "\n"
    bound = [
        {name: _term_json(term) for name, term in zip(answer.variables, row, strict=True) if term is not None}
        for row in answer.bindings
    ]
    whole = {"head": {"vars": list(answer.variables)}, "results": {"bindings": bound}}
    return json.dumps(whole, ensure_ascii=False) + "\n"


def _write_csv(answer: Answer) -> str:
    """SPARQL 1.1 Query Results CSV: values without their kind, lines end with CRLF."""
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\r\n"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(answer.variables)
    writer.writerows(answer.rows())
    return text.getvalue()


def _write_tsv(answer: Answer) -> str:
    """SPARQL 1.1 Query Results TSV: terms as in Turtle."""
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\n"
    lines = [[f"?{name}" for name in answer.variables], *([term or "" for term in row] for row in answer.bindings)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _write_xml(answer: Answer) -> str:
    """Write SPARQL Query Results XML. Characters that XML 1.0 has no way to write become U+FFFD."""
    from xml.etree.ElementTree import Element, SubElement, tostring  # noqa: PLC0415 - one form in many

    root = Element("sparql", xmlns=SPARQL_RESULTS)
    head = SubElement(root, "head")
    for name in answer.variables:
        SubElement(head, "variable", name=name)
    if answer.truth is not None:
        SubElement(root, "boolean").text = str(answer.truth).lower()
    else:
        results = SubElement(root, "results")
        for row in answer.bindings:
            result = SubElement(results, "result")
            for name, term in zip(answer.variables, row, strict=True):
                if term is not None:
                    term_json = _term_json(term)
                    about: dict[str, str] = {
                        key: term_json[key] for key in ("xml:lang", "datatype") if key in term_json
                    }
                    binding = SubElement(result, "binding", name=name)
                    SubElement(binding, term_json["type"], about).text = _NOT_XML.sub("\ufffd", term_json["value"])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _write_markdown(answer: Answer) -> str:
    """GitHub Flavored Markdown: a row stays on its line, and nothing in a cell is markup."""
    if answer.truth is not None:
        return f"{'yes' if answer.truth else 'no'}\n"

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(map(as_markdown_cell, cells)) + " |\n"

    return line(answer.variables) + line(["---"] * len(answer.variables)) + "".join(map(line, answer.rows()))


_TABULAR: Mapping[str, Callable[[Answer], str]] = {
    "csv": _write_csv,
    "tsv": _write_tsv,
    "json": _write_json,
    "xml": _write_xml,
    "markdown": _write_markdown,
}


def ask(
    triples: Triples | None,
    text: str,
    named: Mapping[str, Triples] | None = None,
    store: StoreProcess | None = None,
    *,
    prefixes: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Ask the triples a SPARQL question, offline: nothing is fetched, and it ends in time.

    Literals come back as they are written in the triples.

    Args:
        triples: The default graph; None where there is a store.
        text: The question.
        named: Graphs by IRI or blank node, for a question with `GRAPH` or `FROM`; others do not see them.
        store: A store that holds all of these already.
        prefixes: Prefixes that need no declaration in the question.
        timeout: The seconds that it may take.

    Raises:
        QueryError: For a mistake in the syntax, an update, an unknown prefix, a call of another server, a graph that is
            not there, and where the answer takes too long or is too large.

    Examples:
        >>> ask(Triples.parse("<urn:a> <urn:p> 12.50 .", "turtle"), "SELECT ?o { ?s ?p ?o }").rows()
        [('12.50',)]

    https://www.w3.org/TR/sparql11-query/
    """
    known = named or {}
    check_form(text)
    check_prefixes(text, prefixes or {})
    check_graphs(text, known)
    own = store is None
    if store is None:
        store = StoreProcess()
        if triples is not None:
            store.load(triples.frame)
        for name, graph in known.items():
            store.load(graph.frame, name)
    try:
        # A dataset that the query describes itself (FROM) is the whole of what it sees (SPARQL 1.1, section 13.2).
        graphs = None if has_dataset(text) else tuple(known) if names_graphs(text) else ()
        result = store.query(text, limit=timeout, prefixes=prefixes, graphs=graphs)
    finally:
        if own:
            store.close()
    return _collect(result)


def read_answer(data: bytes, form: str, address: str) -> Answer:
    """Read what an endpoint answered.

    Args:
        data: The answer.
        form: `json` for SPARQL results in JSON, or a format of RDF for a graph.
        address: The address of the endpoint, for errors.

    Raises:
        QueryError: Where the answer is broken.

    https://www.w3.org/TR/sparql11-results-json/
    """
    try:
        return _read_results(data) if form == "json" else Answer(triples=Triples.parse(data, form))
    except (SyntaxError, ValueError, OSError, GlocalError) as error:
        reason = " ".join(str(error).split())[:300]
        # The traceback holds the engine's reader, which fails where another thread lets it go.
        error.__traceback__ = None
        raise QueryError.at(
            address, f"answered with broken {form}: {reason}", "ask again, or ask its operator"
        ) from error


def _read_results(data: bytes) -> Answer:
    from pyoxigraph import QueryBoolean, QueryResultsFormat, parse_query_results  # noqa: PLC0415 - only endpoints

    answer = parse_query_results(data, format=QueryResultsFormat.JSON)
    if isinstance(answer, QueryBoolean):
        return Answer(truth=bool(answer))
    rows = tuple(tuple(None if term is None else str(term) for term in row) for row in answer)
    return Answer(tuple(variable.value for variable in answer.variables), rows)


def _collect(result: Result) -> Answer:
    if result.truth is not None:
        return Answer(truth=result.truth)
    if result.form != "SELECT":
        return Answer(triples=result.triples())
    return Answer(result.variables, tuple(result.rows()))


def _term_json(term: str) -> dict[str, str]:
    if term.startswith("<"):
        return {"type": "uri", "value": term[1:-1]}
    if term.startswith("_:"):
        return {"type": "bnode", "value": term[2:]}
    written = {"type": "literal", "value": terms.unquote(term)}
    tail = term[term.rindex('"') + 1 :]
    if tail.startswith("@"):
        written["xml:lang"] = tail[1:]
    elif tail:
        written["datatype"] = tail[3:-1]
    return written
