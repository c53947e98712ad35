"""Tells "no results" from a mistake in a query: names what the query asks for and the data do not have.

1. An IRI that does not occur in the data; with the nearest one of its namespace.
2. A predicate that occurs, but that no triple has as its predicate, and a class that occurs, but that has no member.
3. A language tag that the data have in other letters, or only with more parts: LANG gives tags as they are written, and
   `=` compares letter by letter; langMatches does not.

An endpoint is asked for the predicates and classes of the query, a few of them, one ASK each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from glocal_rdf.dataset import Build
from glocal_rdf.errors import GlocalError, Problem
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDF_TYPE, XSD, split_iri
from glocal_rdf.operations.query import ask, list_prefixes
from glocal_rdf.sparql.grammar import tree
from glocal_rdf.sparql.grammar.mentions import find_graphs, find_iris, name_place
from glocal_rdf.sparql.grammar.queries import parse_query
from glocal_rdf.sparql.grammar.tokens import names_graphs
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

__all__ = ["explain_empty_answer", "explain_empty_endpoint", "find_tag_mistakes"]

MAX_ASKED = 8
"""How many predicates and classes an endpoint is asked for."""

ASK_TIMEOUT = 10.0
"""How many seconds it may take for each."""


def explain_empty_answer(
    source: Build | Triples | Dataset, text: str, prefixes: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return warnings of what a query asks for and the source does not have, to explain an empty answer.

    IRIs of XML Schema, which are datatypes and functions, are not looked for.

    Args:
        source: What was queried.
        text: The query.
        prefixes: Prefixes that the query need not declare; by default those of the source.
    """
    if prefixes is None:
        prefixes = list_prefixes(source)
    only_named = isinstance(source, Dataset) and source.named and not len(source.default)
    if isinstance(source, Dataset) and only_named and not names_graphs(text) and not find_graphs(text):
        what = f"the triples are in {len(source.named)} named graphs, and the query is about the default graph"
        return (Problem("query", what, "write GRAPH ?graph { … }", level="warning"),)
    frames, names = _list_frames(source, text)
    known = set[str](f"<{name}>" for name in names)
    for frame in frames:
        for column in ("subject", "predicate", "object"):
            terms = frame[column].unique()
            known |= set(terms.filter(terms.str.starts_with("<")))
    found = [
        _name_missing(text, iri, token.start, known, "does not occur in the data")
        for iri, token in dict(find_iris(text, prefixes)).items()
        if f"<{iri}>" not in known and not iri.startswith(XSD)
    ]
    query = parse_query(text, prefixes)
    predicates = set[str]().union(*(frame["predicate"].unique() for frame in frames))
    found += [
        _name_missing(query.text, iri.value, iri.start, predicates, "is the predicate of no triple in the data")
        for iri in _list_predicates(query)
        if f"<{iri.value}>" in known and f"<{iri.value}>" not in predicates
    ]
    members = {iri.value: iri for iri in _list_classes(query) if f"<{iri.value}>" in known}
    if members:
        typed = [frame.filter(pl.col("predicate") == RDF_TYPE)["object"].unique() for frame in frames]
        classes = set[str]().union(*typed)
        found += [
            _name_missing(query.text, name, iri.start, classes, "is a class without members in the data")
            for name, iri in members.items()
            if f"<{name}>" not in classes
        ]
    return tuple(dict.fromkeys((*found, *find_tag_mistakes(source, text, prefixes))))


def find_tag_mistakes(
    source: Build | Triples | Dataset, text: str, prefixes: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return a warning for each language tag that LANG is compared with and that no text of the source has.

    Args:
        source: What was queried.
        text: The query.
        prefixes: Prefixes that the query need not declare; by default those of the source.

    Examples:
        >>> graph = Triples.parse('<urn:a> <urn:p> "臺北"@zh-Hant .', "turtle")
        >>> [problem] = find_tag_mistakes(graph, 'SELECT * { ?s ?p ?o FILTER (LANG(?o) = "zh-hant") }')
        >>> problem.what
        'no text in the data has the language tag "zh-hant" in these letters'
        >>> problem.hint
        'write "zh-Hant", or langMatches(LANG(…), "zh-hant")'
    """
    if "lang" not in text.lower():
        return ()
    query = parse_query(text, list_prefixes(source) if prefixes is None else prefixes)
    compared = {literal.value: literal for literal in _list_tags(query) if literal.value}
    if not compared:
        return ()
    frames, _ = _list_frames(source, text)
    columns = [frame["object"].str.extract(r'"@([A-Za-z0-9-]+)$').drop_nulls().unique() for frame in frames]
    tags = set[str]().union(*columns)
    return tuple(
        _name_tag(query.text, literal, tags) for tag, literal in compared.items() if tag not in tags and tag != "*"
    )


def explain_empty_endpoint(address: str, text: str, timeout: float = ASK_TIMEOUT) -> tuple[Problem, ...]:
    """Return warnings of predicates and classes of a query that an endpoint does not have.

    Args:
        address: The address of the endpoint.
        text: The query.
        timeout: The seconds that each question may take; what is not answered is not reported.
    """
    query = parse_query(text, list_prefixes(address))
    wanted = {iri.value: (iri, f"ASK {{ ?s <{iri.value}> ?o }}", "the predicate {}") for iri in _list_predicates(query)}
    wanted |= {iri.value: (iri, f"ASK {{ ?s a <{iri.value}> }}", "the class {}") for iri in _list_classes(query)}
    found = []
    for name, (iri, question, what) in list(wanted.items())[:MAX_ASKED]:
        try:
            truth = ask(address, question, prefixes={}, timeout=min(timeout, ASK_TIMEOUT)).truth
        except GlocalError:
            continue
        if truth is False:
            where = f"query: {name_place(query.text, iri.start)}"
            text = f"{what.format(f'<{name}>')} is in no triple of the endpoint"
            found.append(Problem(where, text, "look for the right one", level="warning"))
    if any(literal.value for literal in _list_tags(query)):
        hint = "write langMatches(LANG(…), …)"
        found.append(
            Problem("query", "LANG is compared letter by letter, and endpoints write tags in different ways", hint,
                    level="warning")
        )  # fmt: skip
    return tuple(found)


def _list_frames(source: Build | Triples | Dataset, text: str) -> tuple[list[pl.DataFrame], Collection[str]]:
    """Return the graphs that a query sees, and the names of the named ones."""
    has_graph = names_graphs(text) or bool(find_graphs(text))
    if isinstance(source, Dataset):
        graph, named = source.default, source.named
    elif isinstance(source, Triples):
        graph, named = source, {}
    else:
        graph, named = source.with_ontology, source.named_graphs if has_graph else {}
    return [graph.frame, *(other.frame for other in named.values())], named.keys()


def _list_triples(query: tree.Query) -> Iterator[tree.Triple]:
    """Yield the triple patterns of a query that must or may match; what must be absent is no reason."""
    todo: list[tree.Node] = [query.where] if query.where is not None else []
    while todo:
        node = todo.pop()
        if isinstance(node, tree.Minus) or (isinstance(node, tree.Exists) and node.negated):
            continue
        if isinstance(node, tree.Triple):
            yield node
        todo += reversed(tree.children(node))


def _list_predicates(query: tree.Query) -> Iterator[tree.Iri]:
    for triple in _list_triples(query):
        if not isinstance(triple.predicate, tree.Var):
            yield from (node for node in tree.walk(triple.predicate) if isinstance(node, tree.Iri))


def _list_classes(query: tree.Query) -> Iterator[tree.Iri]:
    for triple in _list_triples(query):
        typed = isinstance(triple.predicate, tree.Iri) and f"<{triple.predicate.value}>" == RDF_TYPE
        if typed and isinstance(triple.object, tree.Iri):
            yield triple.object


def _list_tags(query: tree.Query) -> Iterator[tree.Literal]:
    """Yield the texts that LANG is compared with by `=` or IN, the values of a variable among them."""
    variables: set[str] = set()
    for node in tree.walk(query):
        if not isinstance(node, tree.Operation) or not {"=", "IN"} & set(node.operators):
            continue
        if any(isinstance(one, tree.Call) and one.function == "LANG" for one in node.operands):
            yield from (one for one in node.operands if isinstance(one, tree.Literal))
            variables |= {one.name for one in node.operands if isinstance(one, tree.Var)}
    for node in tree.walk(query):
        if isinstance(node, tree.Values):
            for at, variable in enumerate(node.variables):
                if variable.name in variables:
                    yield from (row[at] for row in node.rows if isinstance(row[at], tree.Literal))  # type: ignore[misc]


def _name_tag(text: str, literal: tree.Literal, tags: Collection[str]) -> Problem:
    """Make the warning for a language tag that no text has."""
    tag = literal.value
    where = f"query: {name_place(text, literal.start)}"
    same = sorted(one for one in tags if one.lower() == tag.lower())
    longer = sorted(one for one in tags if one.lower().startswith(f"{tag.lower()}-"))
    match = f'langMatches(LANG(…), "{tag}")'
    if same:
        what = f'no text in the data has the language tag "{tag}" in these letters'
        return Problem(where, what, f'write "{same[0]}", or {match}', level="warning")
    what = f'no text in the data has the language tag "{tag}"'
    if longer:
        return Problem(where, what, f"write {match}, which matches {', '.join(longer)} too", level="warning")
    return Problem(where, what, f"the data have {', '.join(sorted(tags)) or 'none'}", level="warning")


def _name_missing(text: str, iri: str, start: int, known: Collection[str], what: str) -> Problem:
    """Make the warning for an IRI that the source does not have, with the nearest one of its namespace."""
    space, name = split_iri(iri, "/#:")
    beside = {term[1:-1].removeprefix(space): term for term in known if term.startswith(f"<{space}")}
    hint = join_choices(beside[near] for near in nearest(name, beside, limit=1, cutoff=0.7))
    return Problem(f"query: {name_place(text, start)}", f"<{iri}> {what}", hint, level="warning")
