"""Asks a graph or an endpoint: questions in SPARQL, what is said of a thing, which thing words mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from glocal_rdf.claims.explanation import Statement, explain_thing
from glocal_rdf.errors import EndpointError, Problem, QueryError
from glocal_rdf.questions import answers
from glocal_rdf.search.fulltext import Found, search_things
from glocal_rdf.search.labels import fold, name_things_or_fail
from glocal_rdf.sparql.execution.process import TIMEOUT
from glocal_rdf.sparql.grammar.mentions import find_graphs, find_iris, name_place, order_variables
from glocal_rdf.sparql.grammar.tokens import Token, add_prefixes, names_graphs
from glocal_rdf.sparql.messages import check_prefixes
from glocal_rdf.sparql.policy import check_form, check_query
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset
from glocal_rdf.triples.prefixes import WELL_KNOWN

if TYPE_CHECKING:
    from glocal_rdf.operations.building import Build
    from glocal_rdf.project import Project
    from glocal_rdf.questions.answers import Answer
    from glocal_rdf.questions.catalogue import Question
    from glocal_rdf.shacl import PreparedShapes

__all__ = [
    "ask",
    "bind_question",
    "check_timeout",
    "explain",
    "explain_empty",
    "fetch_for_shapes",
    "find",
    "list_questions",
]

_GLOCAL = "https://w3id.org/glocal/ontology#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DAY = 86_400


def list_questions(project: Project | None = None) -> tuple[Question, ...]:
    """List the questions that can be asked of a project: its own (`queries/*.rq`), and those bundled ones that fit it.

    A bundled question fits where the project's ontology defines every term of the bundled ontology that it uses. Of two
    with one name the project's is asked. Without a project all bundled questions are listed.

    Raise InputError where a file cannot be read, QueryError where its comments are wrong.
    """
    from glocal_rdf.questions import catalogue  # noqa: PLC0415 - only questions with a name need it

    bundled = catalogue.list_questions()
    if project is None:
        return bundled
    own = catalogue.read_questions(project.root / "queries")
    known = set(project.ontology.frame["subject"])
    space = _GLOCAL
    fit = (q for q in bundled if {f"<{i}>" for i, _ in find_iris(q.text) if i.startswith(space)} <= known)
    chosen = {question.name: question for question in (*fit, *own)}
    return tuple(sorted(chosen.values(), key=lambda question: (question.group, question.name)))


def bind_question(source: Build | Triples | Dataset | str, name: str, values: Mapping[str, str]) -> str:
    """Write the SPARQL of a question with values for its parameters: a project's own, or a bundled one.

    A value for a thing may be a slug, a CURIE, an IRI or a name, looked up in `source`; of an endpoint (its address)
    only IRIs can be asked. Raise QueryError for an unknown question, parameter or thing, and for a question that would
    have an endpoint call another server: who asks it by its name may not know.
    """
    from glocal_rdf.questions import catalogue  # noqa: PLC0415 - only questions with a name need it

    def resolve(word: str) -> list[str]:
        if isinstance(source, str):
            from glocal_rdf.endpoint import is_address  # noqa: PLC0415 - slow to import

            return [word.strip("<>")] if is_address(word.strip("<>")) else []
        if isinstance(source, Dataset):
            return name_things_or_fail(source.default, word, list_prefixes(source))
        graph = source if isinstance(source, Triples) else source.with_ontology
        return name_things_or_fail(graph, word, list_prefixes(source))

    known = list_questions(None if isinstance(source, (Triples, Dataset, str)) else source.project)
    question = catalogue.find_question(name, known)
    check_query(question.text)
    return catalogue.bind(question, values, resolve)


def ask(
    source: Build | Triples | Dataset | str,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Answer:
    """Ask a project, a graph, a dataset, or the SPARQL endpoint at an address a question.

    It may take `timeout` seconds. A project is asked with its ontology; what other sources say stands in named graphs
    beside, for `GRAPH`.
    `prefixes` need no declaration in the question; where none are given, those of the project and the well-known ones.
    `SELECT *` gives variables in the order in which the question mentions them.

    Raise QueryError on a mistake in the query, an update, and where it takes too long; EndpointError where the endpoint
    does not answer.
    """
    check_timeout(timeout)
    if prefixes is None:
        prefixes = list_prefixes(source)
    if isinstance(source, str):
        from glocal_rdf.endpoint import ask_endpoint  # noqa: PLC0415 - slow to import

        # A server that was named may be asked to call others; here nothing else is called.
        check_form(text)
        check_prefixes(text, prefixes)
        data, form = ask_endpoint(source, add_prefixes(text, prefixes), timeout=timeout)
        answer = answers.read_answer(data, form, source)
    elif isinstance(source, Triples):
        answer = answers.ask(source, text, prefixes=prefixes, timeout=timeout)
    elif isinstance(source, Dataset):
        answer = answers.ask(source.default, text, source.named, prefixes=prefixes, timeout=timeout)
    else:
        graphs = names_graphs(text) or bool(find_graphs(text))
        store, named = (source.dataset, source.external) if graphs else (source.asked, None)
        answer = answers.ask(source.with_ontology, text, named, store, prefixes=prefixes, timeout=timeout)
    order = order_variables(text, answer.variables)
    if order == list(range(len(order))):
        return answer
    rows = tuple(tuple(row[at] for at in order) for row in answer.bindings)
    return replace(answer, variables=tuple(answer.variables[at] for at in order), bindings=rows)


def list_prefixes(source: Build | Triples | Dataset | str) -> Mapping[str, str]:
    """List the prefixes that a question need not declare: those of what is asked, and the well-known ones."""
    if isinstance(source, (Triples, str)):
        return WELL_KNOWN
    return {**WELL_KNOWN, **source.prefixes} if isinstance(source, Dataset) else source.prefixes_for_questions


def explain_empty(
    source: Build | Triples | Dataset, text: str, prefixes: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Name the terms of a question that the graph does not have, for one who gets no result; a warning each.

    Terms of another language than the data's are not meant: datatypes, and functions.
    """
    if prefixes is None:
        prefixes = list_prefixes(source)
    asks_graphs = names_graphs(text)
    if isinstance(source, Dataset):
        if source.named and not len(source.default) and not asks_graphs and not find_graphs(text):
            what = f"the triples are in {len(source.named)} named graphs, and the query asks the default graph"
            return (Problem("query", what, "write GRAPH ?graph { … }", level="warning"),)
        graph, named = source.default, source.named
    elif isinstance(source, Triples):
        graph, named = source, {}
    else:
        graph, named = source.with_ontology, source.external if asks_graphs else {}
    known = set[str]()
    for frame in (graph.frame, *(other.frame for other in named.values())):
        for column in ("subject", "predicate", "object"):
            terms = frame[column].unique()
            known |= set(terms.filter(terms.str.starts_with("<")))
    known |= {f"<{name}>" for name in named}
    missing = {
        iri: token for iri, token in find_iris(text, prefixes) if f"<{iri}>" not in known and not iri.startswith(_XSD)
    }
    return tuple(_name_missing(text, iri, token, known) for iri, token in missing.items())


def _name_missing(text: str, iri: str, token: Token, known: Collection[str]) -> Problem:
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is missing

    cut = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
    space, name = iri[:cut], iri[cut:]
    beside = {term[1:-1].removeprefix(space): term for term in known if term.startswith(f"<{space}")}
    close = get_close_matches(name, beside, n=1, cutoff=0.7)
    hint = f"did you mean {beside[close[0]]}?" if close else ""
    where = f"query: {name_place(text, token.start)}"
    return Problem(where, f"<{iri}> does not occur in what was asked", hint, level="warning")


def check_timeout(timeout: float) -> None:
    """Raise QueryError for a time limit that is not a number of seconds between 0 and a day."""
    if not 0 < timeout <= _DAY:
        raise QueryError.at(
            "timeout", f"{timeout:g} is not a number of seconds", f"give a number above 0, up to {_DAY}"
        )


def explain(built: Build, word: str) -> dict[str, tuple[Statement, ...]]:
    """Tell every statement about what a word denotes (slug, CURIE, IRI or name), by the IRI of each such thing.

    Raise QueryError with the nearest names where it denotes nothing.
    """
    things = name_things_or_fail(built.with_ontology, word, built.prefixes)
    return {thing: explain_thing(built.with_ontology, thing) for thing in things}


def find(built: Build, words: str, limit: int = 10) -> tuple[Found, ...]:
    """Find the things that words mean, by name, description or definition, in any language; the likeliest first.

    Only things of the data are found, not the ontology's terms. Raise QueryError where SQLite has no full-text search.
    """
    return search_things(built.stated.union(built.plain), words, fold, limit)


def fetch_for_shapes(address: str, shapes: PreparedShapes, limit: int) -> Triples:
    """Fetch from a SPARQL endpoint the triples that shapes can look at: those of their targets' and paths' predicates.

    Raise EndpointError where there are more than `limit`, for a graph that was cut short validates to nothing true.
    """
    predicates = shapes.needed_predicates
    block = "" if predicates is None else f"VALUES ?p {{ {' '.join(sorted(predicates))} }} "
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {block}?s ?p ?o }} LIMIT {limit + 1}"
    fetched = ask(address, text).triples or Triples.empty()
    if len(fetched) > limit:
        hint = "raise --limit, or narrow the shapes"
        raise EndpointError.at(address, f"has more than {limit} triples that the shapes look at", hint)
    return fetched
