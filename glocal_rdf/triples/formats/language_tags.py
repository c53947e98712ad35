"""The case of language tags, which the parser lowers: `zh-Hant` stays `zh-Hant`.

The source is scanned for whatever may be a language tag. Where a tag is spelled in one way only, the lowered tags in
the result are simply replaced. Where it is spelled in several ways, every spelling in the source is replaced by a
private tag of its own (`x-mark-7`), the marked source is parsed again, and the marks in the result are turned back: as
nothing but the marks differs, and no mark occurs in the source, the result is what a parser that keeps the case
would give.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from glocal_rdf.lazy import pl
from glocal_rdf.triples import terms
from glocal_rdf.triples.formats.registry import Format

__all__ = ["find_mark", "restore_tags"]

_TAG = rb"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"
_AFTER_AT = re.compile(rb"(?<=@)" + _TAG)
_PATTERNS = {
    "jsonld": re.compile(rb'(?<=")' + _TAG + rb'(?=")'),
    "rdfxml": re.compile(rb"(?<=[\"'])" + _TAG + rb"(?=[\"'])"),
}


def restore_tags(
    frame: pl.DataFrame, data: bytes, form: Format, parse: Callable[[bytes], pl.DataFrame]
) -> pl.DataFrame:
    """Restore the case of language tags, which the parser lowers.

    Args:
        frame: What the parser made of `data`.
        data: The source.
        form: The format of the source.
        parse: Parses other bytes of the same format into such a frame.

    Returns:
        The frame, with the tags as they are written in the source.
    """
    used = frame.select(terms.language(pl.col("object")).unique().drop_nulls()).to_series().to_list()
    if not used:
        return frame
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    pattern = _PATTERNS.get(form.name, _AFTER_AT)
    for found in set(pattern.findall(data)):
        spellings[found.decode().lower()].add(found.decode())
    wanted = {tag: spellings[tag] for tag in used if spellings[tag] - {tag}}
    if not wanted:
        return frame
    if all(len(ways) == 1 for ways in wanted.values()):
        return _replace_tags(frame, {f'"@{tag}': f'"@{next(iter(ways))}' for tag, ways in wanted.items()})
    return _reparse(data, pattern, sorted(way for ways in wanted.values() for way in ways if way != way.lower()), parse)


def _replace_tags(frame: pl.DataFrame, mapping: dict[str, str]) -> pl.DataFrame:
    term = pl.col("object")
    tag = term.str.extract(r'("@[A-Za-z0-9-]+)$', 1)
    return frame.with_columns(
        pl.when(tag.is_in(list(mapping)))
        .then(pl.concat_str(term.str.extract(r'(?s)^(.*)"@[A-Za-z0-9-]+$', 1), tag.replace(mapping)))
        .otherwise(term)
        .alias("object")
    )


def _reparse(
    data: bytes, pattern: re.Pattern[bytes], ways: list[str], parse: Callable[[bytes], pl.DataFrame]
) -> pl.DataFrame:
    """Parse the source with each spelling marked, and turn the marks back."""
    mark = find_mark(data)
    marks = {way.encode(): f"{mark}{index}e".encode() for index, way in enumerate(ways)}
    marked = parse(pattern.sub(lambda match: marks.get(match[0], match[0]), data))
    return marked.with_columns(pl.all().str.replace_many([mark.decode() for mark in marks.values()], ways))


def find_mark(data: bytes) -> str:
    """Find the beginning of a private language tag that occurs nowhere in `data`; a number and an `e` complete it."""
    lowered = data.lower()
    return next(f"x-m{number}-" for number in range(len(data) + 1) if b"x-m%d-" % number not in lowered)
