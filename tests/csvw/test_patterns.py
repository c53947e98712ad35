r"""Formats that are regular expressions are read as ECMAScript's, and what it does not have is refused."""

from __future__ import annotations

import polars as pl
import pytest

from glocal_rdf.errors import InputError
from glocal_rdf.xsd.regex_ecmascript import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"a\sb", ["a b", "a\u00a0b", "a\ufeffb", "a\u2028b"], ["a\u0085b", "ab"]),
        (r"a\Sb", ["a\u0085b", "axb"], ["a\ufeffb", "a b"]),
        (r"[\s\d]", ["\ufeff", "1"], ["\u0085", "١"]),
        (r"[^\s]", ["\u0085"], ["\ufeff"]),
        (r"[\S]", ["a"], ["\u00a0"]),
        ("a.b", ["a b", "a\u0085b"], ["a\nb", "a\rb", "a\u2028b"]),
        (r"\d\w", ["1a", "1_"], ["١a", "1é"]),
        (r".*\bb", ["a b", "éb"], ["ab"]),
        (r"[\b]", ["\b"], ["b"]),
        (r"\cA\x41\u0042\u{43}\0", ["\x01ABC\0"], ["cA"]),
        ("[+--]", ["+", ",", "-"], ["."]),
        ("[a&&b]", ["&"], ["c"]),
        ("[-a]", ["-"], ["b"]),
        ("[a-]", ["-"], ["b"]),
        ("[[a]", ["["], ["]"]),
        ("[a^]", ["^"], ["b"]),
        (r"\-\/\_\.", ["-/_."], ["-/_x"]),
        ("(?<year>[0-9]{4})", ["2020"], ["20"]),
        ("(?i)abc", ["ABC"], ["ABD"]),
        ("a|b", ["a", "b"], ["ab"]),
    ],
)
def test_patterns_mean_what_ecmascript_says(pattern: str, yes: list[str], no: list[str]) -> None:
    main, _ = compile_pattern(pattern)
    texts = [*yes, *no]
    found = pl.Series(texts).str.contains(main)
    assert [text for text, fits in zip(texts, found, strict=True) if fits] == yes


@pytest.mark.parametrize(
    "pattern",
    [
        r"\A",
        r"\z",
        r"\Q.\E",
        r"\a",
        r"\h",
        "(?x)a b",
        "(?P<x>a)",
        "(?#c)",
        "(?>a)",
        "x*+",
        "x**",
        "(",
        "[",
        "\\",
        r"(a)\1",
    ],
)
def test_what_ecmascript_does_not_have_is_refused(pattern: str) -> None:
    with pytest.raises(InputError):
        compile_pattern(pattern)
