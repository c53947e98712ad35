"""Checks that claims are supported by the passages that they were read from.

1. Each claim is laid out in its parts: subject, object, and the qualifiers that a passage must name.
2. A part that is a thing is looked for by its names, a date or number by its value in any way of writing, a text word
   by word, in the passages of the claim and in what these stand under (headings, the introduction of a list, the row of
   a table). The subject may be named in the title of the document. A date or number that is the object must be in a
   passage itself.
3. A text in words of our own is not in the passage; its key terms are looked for instead, and the claim counts apart.
4. What is not found may be explained: the claim gives words of the passage, and what they stand for.

5. A claim that is limited to nothing, though its passage speaks of a place, is listed apart (`scope`).

Every different part is looked for once in each different set of passages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from glocal_rdf.evidence.dates import has_date, list_ends
from glocal_rdf.evidence.outline import read_outline
from glocal_rdf.evidence.scope import find_unlimited
from glocal_rdf.evidence.statements import LABELS, Claims, list_claims
from glocal_rdf.evidence.things import Things, read_things
from glocal_rdf.evidence.values import NUMBERS, Values, has_number, read_values
from glocal_rdf.evidence.wording import Wording, list_terms
from glocal_rdf.forms import fold_words
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import XSD, Term
from glocal_rdf.triples import Triples, terms

__all__ = ["VERDICTS", "Support", "Verdict", "check_support"]

Verdict = Literal["supported", "own words", "explained", "unsupported"]

VERDICTS: Final[tuple[Verdict, ...]] = ("supported", "own words", "explained", "unsupported")
"""What is found of a claim: all its parts are in the passages; it is, but its text is in other words; what is not there
is explained; or some part is not there and nothing explains it."""

OWN_WORDS: Final = 0.34
"""What share of the key terms of a text in our own words a passage must have: more than one of three. Of the texts of
the bundled dataset 300 of 313 have it in their own passages, and 10 in those of others; with 0.25 it was 307 and 37."""

_DATES: Final = {f"{XSD}{name}" for name in ("date", "gYear", "gYearMonth", "dateTime")}
_WORDED: Final = ("object", "role")
"""The parts that may be a text in words of our own."""

_DATED: Final = ("object", "pointInTime", "start", "end", "time")
"""The parts that may be dates or numbers."""

_OF_THE_DOCUMENT: Final = ("pointInTime", "start")
"""The qualifiers that may have a date of the document: what it says without a time, it says of its own."""

_ADDRESS: Final = f"{XSD}anyURI"
_EDTF: Final = "/datatypes/edtf/"


@dataclass(frozen=True)
class Support:
    """What was found of claims, in the order of the graph.

    Attributes:
        claims: One claim a row: `claim`, `predicate`, `documents` (a list of IRIs), `verdict`, and `reason`, the reason
            that an explanation gives.
        missing: One part a row that is in no passage and not explained: `claim`, `part`, `term`.
        unlimited: The claims that apply to no place alone, and the places that their passages speak of: `claim`,
            `term`.
    """

    claims: pl.DataFrame
    missing: pl.DataFrame
    unlimited: pl.DataFrame


def check_support(
    triples: Triples,
    ontology: Triples,
    documents: Mapping[str, str],
    passages: pl.DataFrame,
    properties: Mapping[str, Sequence[Term]] | None = None,
) -> Support:
    """Check the claims of a graph against the texts that they were read from.

    Args:
        triples: The graph.
        ontology: Its ontology.
        documents: The text of each document by IRI.
        passages: The columns `passage` and `document` (IRIs), `start` and `end`. Claims from others are left out.
        properties: The properties that stand for terms of the Glocal ontology, by name.
    """
    wordings = _read_wordings(documents, passages)
    claims = list_claims(triples, list(wordings), properties)
    things = read_things(triples, ontology, documents)
    found = _find_parts(claims, wordings, things)
    explained = _find_explained(claims, found.filter(pl.col("how") == "missing"), wordings)
    unlimited = find_unlimited(triples, claims, passages, wordings, things)
    return _judge(claims, found, explained, passages, unlimited)


def _read_wordings(documents: Mapping[str, str], passages: pl.DataFrame) -> dict[Term, Wording]:
    outlines = {iri: read_outline(text) for iri, text in documents.items()}
    return {
        Term(f"<{passage}>"): Wording(
            (documents[document][start:end],),
            outlines[document].context(start, end),
            (document,),
            (outlines[document].title,),
        )
        for passage, document, start, end in passages.select("passage", "document", "start", "end").iter_rows()
        if document in documents
    }


def _join(passages: str, wordings: Mapping[Term, Wording]) -> Wording:
    """Return the wording of passages that are joined by spaces."""
    each = [wordings[Term(passage)] for passage in passages.split(" ")]
    if len(each) == 1:
        return each[0]
    return Wording(
        tuple(text for one in each for text in one.passages),
        tuple(dict.fromkeys(text for one in each for text in one.context)),
        tuple(dict.fromkeys(document for one in each for document in one.documents)),
        tuple(dict.fromkeys(title for one in each for title in one.titles)),
    )


def _find_parts(claims: Claims, wordings: Mapping[Term, Wording], things: Things) -> pl.DataFrame:
    """Look for every part of every claim: the columns of `parts`, `passages`, and `how` it was found."""
    names = pl.col("predicate").is_in(LABELS)
    known = claims.claims.select("claim", "passages", name=names)
    parts = claims.parts.join(known, on="claim", maintain_order="left")
    joined = {passages: _join(passages, wordings) for passages in parts["passages"].unique()}
    keys = ["passages", "part", "term", "name"]
    different = parts.select(keys).unique(maintain_order=True)
    how = [
        _find(joined[passages], part, Term(one), things, name=name)
        for passages, part, one, name in different.iter_rows()
    ]
    different = different.with_columns(how=pl.Series(how, dtype=pl.String))
    found = parts.join(different, on=keys, maintain_order="left")
    found = _compare_as_written(found)
    # A text in several languages is one value: what is found of it in one language holds for the others.
    texts = pl.col("part").is_in(_WORDED) & pl.col("how").is_in(
        ["words", "own words", "other language", "missing text"]
    )
    best = (
        pl.when((pl.col("how") == "words").any())
        .then(pl.lit("words"))
        .when((pl.col("how") == "own words").any())
        .then(pl.lit("own words"))
        .when((pl.col("how") == "missing text").any())
        .then(pl.lit("missing"))
        .otherwise(pl.lit("own words"))
    )
    return found.with_columns(
        how=pl.when(texts)
        .then(best.over("claim", "part", texts))
        .otherwise(pl.col("how").replace({"missing text": "missing"}))
    )


def _compare_as_written(found: pl.DataFrame) -> pl.DataFrame:
    """Call dates and numbers missing that the value as written does not have, where it has others."""
    written = {
        claim: read_values(_split(Term(one))[0])
        for claim, one in found.filter(pl.col("part") == "asWritten").select("claim", "term").iter_rows()
    }
    kept = [
        how
        if claim not in written or how == "missing" or _is_as_written(part, Term(one), written[claim])
        else "missing"
        for claim, part, one, how in found.select("claim", "part", "term", "how").iter_rows()
    ]
    return found.with_columns(how=pl.Series(kept, dtype=pl.String))


def _is_as_written(part: str, one: Term, written: Values) -> bool:
    """Return whether a part is a date or number of the value as written, unless that has none."""
    if one.startswith("<") or part not in _DATED:
        return True
    value, datatype, _ = _split(one)
    if datatype in _DATES or _EDTF in datatype:
        return not (written.dates or written.periods or written.parts) or has_date(written, value)
    return datatype not in NUMBERS or not written.numbers or has_number(written, value.lstrip("-"))


def _find(wording: Wording, part: str, one: Term, things: Things, *, name: bool) -> str:
    """Return how a part is found in the wording of its passages: `words`, `own words`, …, or `missing`."""
    if one.startswith("<"):
        named = things.is_named(one, wording) or (part == "subject" and things.is_in_title(one, wording))
        return "words" if named else "missing"
    value, datatype, language = _split(one)
    if datatype in _DATES or _EDTF in datatype:
        if has_date(wording.values, value):
            return "words"
        if part == "object":
            return "missing"
        said = has_date(wording.context_values, value)
        return "words" if said or (part in _OF_THE_DOCUMENT and things.is_document_date(value, wording)) else "missing"
    if datatype in NUMBERS:
        return "words" if has_number(wording.values, value) else "missing"
    if datatype == _ADDRESS:
        value = value.partition("://")[2] or value
    folded = fold_words(value)
    if name and wording.is_almost(folded):
        return "missing"
    if wording.has_words(folded):
        return "words"
    if (datatype == _ADDRESS or part == "asWritten") and "".join(value.split()).casefold().rstrip(
        "/"
    ) in wording.compact:
        return "words"
    if name or not language or part not in _WORDED or not any(letter.isalpha() for letter in value):
        return "missing"
    wanted = list_terms(folded)
    if wording.share_of(wanted) >= OWN_WORDS:
        return "own words"
    return "missing text" if _same_script(folded, wording.words) else "other language"


def _same_script(words: str, others: str) -> bool:
    """Return whether two folded texts are both Chinese or both not."""
    return _is_han(words) == _is_han(others)


def _is_han(words: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in words)


def _split(literal: Term) -> tuple[str, str, str]:
    """Return the value, the datatype and the language of a literal."""
    value, _, rest = literal.rpartition('"')
    datatype = rest[3:-1] if rest.startswith("^^") else ""
    return terms.unquote(value + '"'), datatype, rest[1:] if rest.startswith("@") else ""


def _find_explained(claims: Claims, missing: pl.DataFrame, wordings: Mapping[Term, Wording]) -> pl.DataFrame:
    """Return those of the missing parts that the claim explains: `claim`, `part`, `term`."""
    given = missing.join(claims.explanations, on="claim", maintain_order="left")
    missing_texts: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for claim, part, one in missing.select("claim", "part", "term").iter_rows():
        if _split(one)[2]:
            missing_texts.setdefault((claim, part), []).append((claim, part, one))
    kept: list[tuple[str, str, str]] = []
    for claim, part, one, passages, explanation in given.select(
        "claim", "part", "term", "passages", "words"
    ).iter_rows():  # fmt: skip
        words, equals, stands_for = _split(Term(explanation))[0].partition("=")
        wording = _join(passages, wordings)
        if equals and _denotes(stands_for.strip(), Term(one)) and wording.has_words(fold_words(words)):
            # What explains a text in one language explains it in the others.
            kept += missing_texts[claim, part] if _split(Term(one))[2] else [(claim, part, one)]
    return pl.DataFrame(kept, schema={"claim": pl.String, "part": pl.String, "term": pl.String}, orient="row")


def _denotes(name: str, one: Term) -> bool:
    """Return whether a name is what the tables call a term: a value, or an IRI or its end."""
    if not one.startswith("<"):
        value, datatype, _ = _split(one)
        return value == name or (_EDTF in datatype and list_ends(value) == [name])
    iri = one[1:-1]
    return bool(name) and (iri == name or iri.endswith((f"/{name}", f"#{name}")))


def _is_granted(one: Term, note: Values) -> bool:
    """Return whether a part need not be in the passage of a claim of ours, whose note has some dates and numbers."""
    if one.startswith("<"):
        return True
    value, datatype, _ = _split(one)
    if datatype in _DATES or _EDTF in datatype:
        # A note gives the day apart from the year: "in December 2010 …; the day, 25 December, by …".
        years, days = re.findall(r"\d{4}", value), re.findall(r"\d{4}-\d{2}-(\d{2})", value)
        return all(has_date(note, year) for year in years) and all(has_number(note, day) for day in days)
    return datatype not in NUMBERS or has_number(note, value)


def _judge(
    claims: Claims, found: pl.DataFrame, explained: pl.DataFrame, passages: pl.DataFrame, unlimited: pl.DataFrame
) -> Support:
    """Return the verdict on each claim, and what is missing of it."""
    keys = ["claim", "part", "term"]
    missing = found.filter(pl.col("how") == "missing")
    left = missing.join(explained, on=keys, how="anti", maintain_order="left")
    # A claim that somebody other than the document makes need only be about what the passage has.
    # Its dates and numbers are those of the note that gives its grounds.
    core = found.filter(pl.col("part").is_in(["subject", "object"]) & (pl.col("how") != "missing"))["claim"]
    ours = claims.claims.filter("attributed", pl.col("claim").is_in(core.implode()))["claim"]
    notes = {claim: read_values(texts) for claim, texts in claims.notes.iter_rows() if claim in set(ours)}
    none = read_values("")
    grounds = [
        _is_granted(Term(one), notes.get(claim, none)) for claim, one in left.select("claim", "term").iter_rows()
    ]
    granted = pl.Series(grounds, dtype=pl.Boolean) if grounds else pl.lit(value=False)
    left = left.filter(~(pl.col("claim").is_in(ours.implode()) & granted))
    has = {
        name: pl.col("claim").is_in(frame["claim"].implode())
        for name, frame in (
            ("left", left),
            ("missing", missing),
            ("own", found.filter(pl.col("how") == "own words")),
        )
    }
    verdict = (
        pl.when(has["left"])
        .then(pl.lit("unsupported"))
        .when(has["missing"])
        .then(pl.lit("explained"))
        .when(has["own"])
        .then(pl.lit("own words"))
        .otherwise(pl.lit("supported"))
    )
    iri = pl.concat_str(pl.lit("<"), "passage", pl.lit(">"))
    document = dict(passages.select(iri, "document").iter_rows())
    reasons = claims.reasons.group_by("claim").agg(pl.col("reason").sort().first())
    judged = claims.claims.with_columns(
        verdict=verdict,
        documents=pl.col("passages").str.split(" ").list.eval(pl.element().replace_strict(document)).list.unique(),
    ).join(reasons, on="claim", how="left", maintain_order="left")
    return Support(
        judged.select("claim", "predicate", "documents", "verdict", "reason"),
        left.select(keys).unique(maintain_order=True),
        unlimited,
    )
