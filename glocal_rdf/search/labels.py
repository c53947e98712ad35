"""Finds what a word denotes: a slug, a CURIE, an IRI, or a name in any language; and what a thing is called.

Names are compared folded: width and case (NFKC, casefold), white space and hyphens let go, and the forms of a Chinese
character (臺 and 台, 聯 and 联) taken as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from glocal_rdf.errors import QueryError
from glocal_rdf.forms import normalize_name
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import RDFS_LABEL, SKOS, term
from glocal_rdf.spelling import join_choices, nearest
from glocal_rdf.triples import Triples, terms

__all__ = ["names_by_language", "normalize_name", "preferred_labels", "resolve_name", "resolve_name_or_raise"]

PREFERRED = [term(SKOS, "prefLabel"), RDFS_LABEL]
NAMES = [*PREFERRED, term(SKOS, "altLabel"), term(SKOS, "hiddenLabel")]
HAN = r"[\u3400-\u9fff\x{20000}-\x{3ffff}]"
"""A Chinese character, as a pattern of Polars."""


def resolve_name(triples: Triples, word: str, prefixes: Mapping[str, str]) -> list[str]:
    """Find the IRIs that a word denotes, sorted; none where nothing fits.

    Tried in turn: an IRI, a CURIE, the end of an IRI (`uclg`, `organization/uclg`), a name. An IRI or a CURIE may also
    denote what the graph only refers to, or uses as a predicate.

    Args:
        triples: The graph.
        word: The word.
        prefixes: Namespaces by prefix, for CURIEs.

    Examples:
        >>> name = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
        >>> graph = Triples.parse(f'<http://e/place/taipei> {name} "台北"@zh .', "turtle")
        >>> [resolve_name(graph, word, {}) for word in ("臺北", "place/taipei", "Tokyo")]
        [['http://e/place/taipei'], ['http://e/place/taipei'], []]
    """
    word = word.strip()
    if not word:
        return []
    subjects = triples.frame.select("subject").filter(pl.col("subject").str.starts_with("<")).unique()["subject"]
    prefix, colon, local = word.partition(":")
    candidates = {word.strip("<>")}
    if colon and prefix in prefixes:
        candidates.add(prefixes[prefix] + local)
    exact = subjects.filter(subjects.is_in([f"<{candidate}>" for candidate in candidates]))
    if not len(exact) and ":" in word:
        wanted_terms = [f"<{candidate}>" for candidate in candidates]
        exact = pl.concat([triples.frame["predicate"], triples.frame["object"]])
        exact = exact.filter(exact.is_in(wanted_terms)).unique()
    if len(exact):
        return sorted(iri[1:-1] for iri in exact)
    if not re.search(r"[\s<>\"{}|\\^`]", word):
        ends = subjects.filter(subjects.str.ends_with(f"/{word}>") | subjects.str.ends_with(f"#{word}>"))
        if len(ends):
            return sorted(iri[1:-1] for iri in ends)
    wanted = normalize_name(word)
    named = _names(triples)
    if not pl.Series([wanted]).str.contains(HAN)[0]:
        named = named.filter(~pl.col("name").str.contains(HAN))
    folded = named.select(name=pl.col("name").unique()).with_columns(
        pl.col("name").map_elements(normalize_name, return_dtype=pl.String).alias("folded")
    )
    hits = named.join(folded.filter(pl.col("folded") == wanted), on="name")["subject"].unique()
    return sorted(iri[1:-1] for iri in hits)


def resolve_name_or_raise(triples: Triples, word: str, prefixes: Mapping[str, str]) -> list[str]:
    """Find the IRIs that a word denotes, as `resolve_name`.

    Args:
        triples: The graph.
        word: The word.
        prefixes: Namespaces by prefix, for CURIEs.

    Raises:
        QueryError: Where nothing fits, with the nearest names.
    """
    found = resolve_name(triples, word, prefixes)
    if found:
        return found
    by_fold = {normalize_name(name): name for name in _names(triples)["name"].unique().sort()}
    near = [repr(by_fold[match]) for match in nearest(normalize_name(word), by_fold)]
    hint = join_choices(near, "give a slug, a CURIE, an IRI or a name")
    raise QueryError.at("", f"nothing in the data is called {word!r}", hint)


def preferred_labels(triples: Triples, lang: str) -> dict[str, str]:
    """Return each thing's preferred name in a language, or in another where it has none, by its term.

    Args:
        triples: The graph.
        lang: The language (BCP 47).
    """
    frame = triples.frame.filter(pl.col("predicate").is_in(PREFERRED) & pl.col("subject").str.starts_with("<"))
    tag = terms.language(pl.col("object")).str.to_lowercase()
    ranked = frame.select(
        "subject",
        terms.value(pl.col("object")).alias("name"),
        pl.when(tag == lang.lower()).then(0).when(tag == "en").then(1).otherwise(2).alias("order"),
        (pl.col("predicate") == PREFERRED[1]).alias("later"),
    ).sort("subject", "order", "later", "name")
    first = ranked.unique("subject", keep="first", maintain_order=True)
    return dict(first.select("subject", "name").iter_rows())


def names_by_language(frame: pl.DataFrame) -> dict[str, dict[str, str]]:
    """Return the preferred names of things in all languages.

    Args:
        frame: The triples about the things, with the columns `subject`, `predicate` and `object`.

    Returns:
        A name by language tag, which is empty where it has none, by the terms of the things. Where a thing has several
        names in a language, preferred labels (skos:prefLabel) come before others (rdfs:label).
    """
    labels = frame.filter(pl.col("predicate").is_in(PREFERRED) & pl.col("object").str.starts_with('"')).with_columns(
        terms.value(pl.col("object")).alias("text"),
        terms.language(pl.col("object")).fill_null("").alias("tag"),
        (pl.col("predicate") == PREFERRED[1]).alias("later"),
    )
    names: dict[str, dict[str, str]] = {}
    for subject, tag, text in labels.sort("later", "text").select("subject", "tag", "text").iter_rows():
        names.setdefault(subject, {}).setdefault(tag, text)
    return names


def _names(triples: Triples) -> pl.DataFrame:
    frame = triples.frame.filter(pl.col("predicate").is_in(NAMES) & pl.col("subject").str.starts_with("<"))
    return frame.select("subject", terms.value(pl.col("object")).alias("name")).unique()
