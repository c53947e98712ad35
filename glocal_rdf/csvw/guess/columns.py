"""Infers what a column holds: its name, datatype, words for no value, and language; and which column is the key.

Booleans, dates, numbers and addresses are tried in turn, first with all cells and then without the words that often
mean no value. What they leave open becomes a doubt, and the column stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from glocal_rdf.csvw.guess.dates import examples_of, guess_date
from glocal_rdf.csvw.guess.numbers import guess_number
from glocal_rdf.csvw.guess.results import Doubt, Guess, Inference
from glocal_rdf.csvw.guess.words import BOOLEANS, KEYS, LANGUAGES, LISTS, NULL_MARKERS, PROSE, words_of

__all__ = ["guess_boolean", "guess_column", "guess_key", "guess_languages", "name_columns"]

_SUFFIX: Final = re.compile(
    r"^(?P<stem>.*?)[\s_.:@\[(/-]+(?P<tag>(?P<code>[A-Za-z]{2})(?:[-_](?P<script>[A-Za-z]{4}))?(?:[-_](?P<region>[A-Za-z]{2}))?)[)\]]?$"
)
_SCRIPTS: Final = {
    "zh": r"\p{Han}", "ja": r"[\p{Han}\p{Hiragana}\p{Katakana}]", "ko": r"\p{Hangul}", "ru": r"\p{Cyrillic}",
    "uk": r"\p{Cyrillic}", "bg": r"\p{Cyrillic}", "ar": r"\p{Arabic}", "fa": r"\p{Arabic}", "ur": r"\p{Arabic}",
    "th": r"\p{Thai}", "el": r"\p{Greek}", "he": r"\p{Hebrew}", "hi": r"\p{Devanagari}", "bn": r"\p{Bengali}",
}  # fmt: skip
_NO_KEY: Final = frozenset({"number", "money", "unit", "date", "time", "mixed", "null", "list"})
MAX_KEY_LENGTH: Final = 100


def name_columns(titles: Sequence[Sequence[str]], groups: Sequence[str] = ()) -> list[str]:
    """Return a name for each column, made of its titles, that URI templates can use; no name occurs twice.

    Args:
        titles: The titles of each column.
        groups: The text over the title of each column, where a header of two rows has merged cells.
    """
    names: list[str] = []
    taken: set[str] = set()
    for number, texts in enumerate(titles, 1):
        over = groups[number - 1] if number <= len(groups) and len(texts) == 1 else ""
        title = " ".join((over, *texts) if over else texts)
        base = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]", "_", title)).strip("_") or f"column{number}"
        name, again = base, 2
        while name in taken:
            name, again = f"{base}{again}", again + 1
        taken.add(name)
        names.append(name)
    return names


def guess_column(name: str, titles: Sequence[str], cells: pl.Series, delimiter: str, kind: str = "") -> Guess:
    """Return the guess for a column.

    Args:
        name: Its name.
        titles: Its titles.
        cells: Its cells, as text.
        delimiter: The delimiter of the file.
        kind: The datatype that the column has in the file ("string" for text), if any.
    """
    title = " ".join(titles) or name
    guess = Guess(name, title, titles=tuple(titles))
    distinct = cells.filter(cells != "").unique(maintain_order=True)
    if distinct.is_empty():
        return guess
    markers = tuple(m for m in NULL_MARKERS if (distinct == m).any())
    values = distinct.filter(~distinct.is_in(list(markers))) if markers else distinct
    inference = _infer(title, distinct, delimiter, kind)
    if inference.datatype is None and markers and not values.is_empty():
        other = _infer(title, values, delimiter, kind)
        if other.datatype is not None:
            one = len(markers) == 1
            reason = f"{_listed(markers)} {'counts' if one else 'count'} as no value beside the others"
            hint = 'take what is a value out of "null"'
            return replace(
                guess,
                datatype=other.datatype,
                null=markers,
                doubts=(Doubt("null", reason, hint, title, examples_of(values), decided=True),),
            )
        inference = (
            other
            if other.doubt is not None and (inference.doubt is None or inference.doubt.kind == "mixed")
            else inference
        )
    doubts = () if inference.doubt is None else (inference.doubt,)
    if inference.datatype is None and markers and not values.is_empty() and len(markers) < distinct.len():
        reason, hint = f"{_listed(markers)} may mean no value", 'add "null" with these words if so'
        doubts = (*doubts, Doubt("null", reason, hint, title, markers[:3]))
    if inference.datatype is None and inference.doubt is None and (found := _find_separator(title, values)) is not None:
        doubts = (*doubts, found)
    return replace(guess, datatype=inference.datatype, doubts=doubts)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:5])) + (" …" if len(words) > 5 else "")


def _infer(title: str, values: pl.Series, delimiter: str, kind: str) -> Inference:
    """Return what kind of values distinct cells are: booleans, dates, numbers, addresses, or text."""
    if kind and kind != "string":
        if kind == "number":
            days = guess_date(title, values) if values.str.contains("^[0-9]{2,8}$").all() else None
            return days or guess_number(title, values, delimiter, exact=True) or Inference()
        return Inference(kind)
    found = guess_boolean(title, values) or guess_date(title, values)
    if found is None:
        found = guess_number(title, values, delimiter)
        if found is not None and kind == "string" and found.datatype is not None:
            reason, hint = "holds numbers as text", 'set "datatype" if they are quantities'
            return Inference(None, Doubt("code", reason, hint, title, examples_of(values)))
    if found is None and values.str.contains(r"^https?://[^\s<>\x22{}|\\^`]+$").all():
        return Inference("anyURI")
    return found or Inference()


def guess_boolean(title: str, values: pl.Series) -> Inference | None:
    """Return the inference if the values are a pair of words for true and false, in one case of letters."""
    if values.len() > 4:
        return None
    found = set(values.to_list())
    for yes, no in BOOLEANS:
        if found == {yes, no} or (found in ({yes}, {no}) and yes.lower() == "true"):
            return Inference("boolean" if yes == "true" else {"base": "boolean", "format": f"{yes}|{no}"})
    lowered = {v.lower() for v in found}
    if any(lowered == {yes, no} for yes, no in BOOLEANS):
        reason, hint = "true and false are written in several ways", "write them alike, as true and false"
        return Inference(None, Doubt("boolean", reason, hint, title, tuple(sorted(found))[:3]))
    return None


def _find_separator(title: str, values: pl.Series) -> Doubt | None:
    """Return a doubt that suggests a separator, where parts of cells come again in other cells."""
    named = LISTS.are_in(title)
    for mark in (";", "；", "|", "、", ", ", ","):
        found = values.filter(values.str.contains(mark, literal=True))
        if found.is_empty() or (mark == ", " and not named):
            continue
        if mark == "," and (found.len() < 2 or found.str.contains(", ", literal=True).any()):
            continue
        items = values.to_frame("v").with_row_index("i").select("i", t=pl.col("v").str.split(mark)).explode("t")
        items = items.select("i", t=pl.col("t").str.strip_chars())
        short = (items["t"].str.len_chars() <= 60).all() and (items["t"].str.count_matches(r"\s") < 5).all()
        repeated = items["t"].n_unique() <= 0.6 * items.height
        if short and (mark not in {",", "、"} or named or (repeated and found.len() >= 0.3 * values.len())):
            spaced = not found.str.contains(rf"{re.escape(mark)}(?:[^ ]|$)").any()
            hint = f'set "separator": "{mark}{" " if spaced and mark != ", " else ""}" if they are'
            return Doubt("list", f"looks like lists separated by {mark!r}", hint, title, examples_of(found))
    return None


def guess_languages(guesses: Sequence[Guess], cells: Sequence[pl.Series]) -> list[Guess]:
    """Return guesses with the language that the header of a text column names, if more than its ending indicates it."""
    matches = [_SUFFIX.match(g.title) for g in guesses]
    stems: dict[str, set[str]] = {}
    for guess, match in zip(guesses, matches, strict=True):
        if match is not None and match["code"].lower() in LANGUAGES:
            stems.setdefault(match["stem"].lower().strip(), set()).add(_tag(match))
        stems.setdefault(guess.title.lower().strip(), set()).add("")
    out = []
    for guess, match, column in zip(guesses, matches, cells, strict=True):
        if match is None or match["code"].lower() not in LANGUAGES or guess.datatype is not None:
            out.append(guess)
            continue
        out.append(_with_language(guess, match, column, stems[match["stem"].lower().strip()]))
    return out


def _with_language(guess: Guess, match: re.Match[str], column: pl.Series, others: set[str]) -> Guess:
    """Return a guess with the language that its header ends in, or with a doubt; `others` are those of its siblings."""
    tag, code = _tag(match), match["code"].lower()
    values = column.filter(column != "").unique(maintain_order=True)
    words = values.filter(values.str.contains(r"\p{L}{3}"))
    prose = bool(words_of(match["stem"]) & PROSE)
    if prose and len(others) > 1:
        certain = True
    elif values.is_empty():
        certain = False
    elif code in _SCRIPTS:
        certain = bool(values.str.contains(_SCRIPTS[code]).sum() >= 0.5 * values.len())
    else:
        codes = values.str.contains("^[A-Z0-9_-]*[0-9][A-Z0-9_-]*$").sum()
        letters = words.len() >= 0.5 * values.len() and codes <= 0.1 * values.len()
        certain = letters and (prose or len(others) > 1) and not (code == "id" and not values.str.contains(" ").any())
    if certain:
        return replace(guess, language=tag)
    if code in {"id", "no"} and not values.str.contains(r"\p{L}{2,} \p{L}{2,}").any():
        return guess
    reason, hint = f"the header ends in {match['tag']!r}, which may be a language", f'set "lang": "{tag}" if it is'
    return replace(guess, doubts=(*guess.doubts, Doubt("language", reason, hint, guess.title, examples_of(values))))


def _tag(match: re.Match[str]) -> str:
    """Return a language tag in its usual case (BCP 47, section 2.1.1)."""
    parts = [match["code"].lower(), (match["script"] or "").capitalize(), (match["region"] or "").upper()]
    return "-".join(p for p in parts if p)


def guess_key(guesses: Sequence[Guess], cells: Sequence[pl.Series]) -> str | None:
    """Return the column that identifies the rows: without gaps or repeats, by its name, or the first column."""
    if not cells or not cells[0].len():
        return None
    named = sorted(range(len(guesses)), key=lambda i: (not _is_named_key(guesses[i]), i))
    for place in named:
        if (place == 0 or _is_named_key(guesses[place])) and _may_be_key(guesses[place], cells[place], place):
            return guesses[place].name
    return None


def _is_named_key(guess: Guess) -> bool:
    lowered = guess.name.lower()
    return lowered in KEYS or lowered.endswith(("_id", "_code")) or bool(re.search("[a-z]I[dD]$", guess.name))


def _may_be_key(guess: Guess, cells: pl.Series, place: int) -> bool:
    """Return whether a column can be the key: unique, complete, and identifiers by its looks."""
    if cells.n_unique() != cells.len() or (cells == "").any():
        return False
    if guess.null or guess.language or any(d.kind in _NO_KEY for d in guess.doubts):
        return False
    if guess.datatype == "integer":
        if not cells.str.contains("^(?:0|-?[1-9][0-9]{0,17})$").all():
            return False
        numbers = cells.cast(pl.Int64)
        span = int(numbers.max()) - int(numbers.min()) + 1  # type: ignore[arg-type]
        return _is_named_key(guess) or (place == 0 and cells.len() > 1 and span == cells.len())
    if guess.datatype not in (None, "anyURI"):
        return False
    longest: Any = cells.str.len_chars().max()
    return bool(longest <= MAX_KEY_LENGTH) and not cells.str.contains(r"[\x00-\x1f]").any()
