r"""Patterns are regular expressions of XPath, every one of them is answered or refused soon, and none is misread."""

from __future__ import annotations

import time

import polars as pl
import pytest
from shacl_checks import check

from glocal_rdf.errors import ShapesError
from glocal_rdf.shacl.constraints import patterns
from glocal_rdf.shacl.constraints.patterns import matches
from glocal_rdf.xsd.character_classes import ranges_of
from glocal_rdf.xsd.regex_xpath import translate


def chosen(pattern: str, texts: list[str], flags: str = "") -> list[str]:
    found = matches(pl.Series(texts), pattern, flags, "S")
    return [text for text, fits in zip(texts, found, strict=True) if fits]


@pytest.mark.parametrize("shapes", ['sh:pattern "(a"', 'sh:pattern "a" ; sh:flags "z"', r'sh:pattern "^(a*)*\\1$"'])
def test_a_broken_pattern_is_refused_though_no_value_reaches_it(shapes: str) -> None:
    with pytest.raises(ShapesError, match=r"sh:(pattern|flags)"):
        check("ex:a a ex:C .", f"ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; {shapes} ] .")


@pytest.mark.parametrize("pattern", [r"^\w{1,255}$", r"^[\p{L}\p{N} ]{1,500}$", r"^\p{L}{500}$"])
def test_counts_of_large_classes_are_matched(pattern: str) -> None:
    assert chosen(pattern, ["é" * 500, "", "a-b"]) == [t for t in ["é" * 500] if "255" not in pattern]
    assert chosen(r"^\w{1,255}$", ["é" * 255, "é" * 256]) == ["é" * 255]


@pytest.mark.parametrize("pattern", ["[[:alpha:]]", "^[0-9[:space:]]+$", "[[:^digit:]]"])
def test_classes_of_posix_are_refused_and_not_read_as_their_letters(pattern: str) -> None:
    with pytest.raises(ShapesError, match="is not a class of XPath"):
        chosen(pattern, ["a"])
    assert chosen("^[[:]+$", ["[:", "a"]) == ["[:"]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        # Blocks of Unicode, by their names of today and of XML Schema 1.0.
        (r"^\p{IsBasicLatin}+$", ["Koln"], ["Köln"]),
        (r"^\p{IsLatin-1Supplement}$", ["ö"], ["o"]),
        (r"^\P{IsBasicLatin}+$", ["ö"], ["o"]),
        (r"^[\p{IsThai}a-c]+$", ["กb"], ["d"]),
        (r"^[^\p{IsCyrillic}]+$", ["a"], ["ж"]),
        (r"^\p{IsGreek}\p{IsGreekandCoptic}$", ["αβ"], ["ab"]),
        (r"^\p{IsCJKUnifiedIdeographs}+$", ["台北"], ["Taipei"]),
        (r"^\p{IsPrivateUse}$", ["\ue000"], ["a"]),
        (r"^[\p{IsHighSurrogates}a]$", ["a"], ["b"]),
        # The classes of XML Schema.
        (r"^\S+$", ["a\u00a0b", "a\u3000b", "a\u0085b", "a\vb"], ["a b", "a\tb", "a\rb"]),
        (r"^a\sb$", ["a b", "a\tb", "a\nb", "a\rb"], ["a\u00a0b", "a\fb"]),
        (r"^[\S-[a]]$", ["b", "\u00a0"], ["a", " "]),
        (r"^\w+$", ["a+b", "€", "é1", "$"], ["a b", "a.b", "a_b", "a-b", "\u200b"]),
        (r"^[\w\-]+$", ["a-b"], ["a_b"]),
        (r"^\W+$", ["._ -"], ["a"]),
        (r"^[^\W\d]+$", ["ab"], ["a1", "a."]),
        (r"^\d+$", ["12", "١٢"], ["²", "Ⅷ"]),
        (r"^\D$", ["a"], ["1"]),
        (r"^\i\c*$", ["a1", "_a", ":a", "é"], ["1a", "-a"]),
        (r"^\I\C$", ["1 "], ["a "]),
        (r"^\p{Lu}\P{Lu}$", ["Ab"], ["AB"]),
        # Differences.
        (r"^[a-z-[aeiou]]+$", ["xyz"], ["xaz"]),
        (r"^[^a-z-[A]]+$", ["BC"], ["A", "b"]),
        (r"^[a-z-[aeiou-[e]]]+$", ["bed"], ["bad"]),
        (r"^[\w-[\d_]]+$", ["ab"], ["a1"]),
        # Marks that mean something to other engines alone.
        (r"^[a&&b]$", ["a", "&"], ["c"]),
        (r"^[a~~b]$", ["~"], ["c"]),
        (r"^[+--]$", ["+", ",", "-"], ["."]),
        (r"^[-a]$", ["-"], ["b"]),
        (r"^[a-]$", ["-"], ["b"]),
        (r"^#a b$", ["#a b"], ["ab"]),
        (r"^b$", ["b"], ["b\n", "a\nb"]),
        (r"a.b", ["a b"], ["a\nb"]),
        (r"^\/\-\.\$\^\{\}$", ["/-.$^{}"], ["/-."]),
        (r"^(?:a|b){2,3}?$", ["ab", "aba"], ["a", "abab"]),
        (r"", ["", "a"], []),
        (r"a|", ["", "b"], []),
        # Back-references.
        (r"^(a|b)\1$", ["aa", "bb"], ["ab", "aa\n"]),
        (r"^(['\"]).*\1$", ["'a'"], ["'a\""]),
        (r"^(a)?\1b$", ["b", "aab"], ["ab"]),
        (r"(a)\10", ["aa0"], ["a" * 12]),
        (r"^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10$", ["abcdefghijj"], ["abcdefghija0"]),
        (r"^(\p{Lu}[a-z-[x]])\1$", ["AbAb"], ["AxAx", "abab"]),
        (r"^(\p{IsThai}|\w)\1$", ["กก", "aa"], ["กข"]),
    ],
)
def test_patterns_mean_what_xpath_says(pattern: str, yes: list[str], no: list[str]) -> None:
    assert chosen(pattern, [*yes, *no]) == yes


@pytest.mark.parametrize(
    ("pattern", "flags", "yes", "no"),
    [
        ("^[A-Z]+$", "i", ["abc"], ["1"]),
        (r"^\p{Lu}+$", "i", ["ABC"], ["abc"]),
        (r"^[\p{Lu}x]+$", "i", ["ABCX", "Ax"], ["abc"]),
        (r"^[^\p{Lu}x]+$", "i", ["abc"], ["X", "A"]),
        (r"^[A-Z-[IO]]$", "i", ["a"], ["i", "O"]),
        (r"^(a)\1$", "i", ["aA"], ["ab"]),
        (r"hello\ sworld", "x", ["hello world"], ["hellosworld"]),
        ("hello[ ]world", "x", ["hello world"], ["helloworld"]),
        ("a # b", "x", ["a#b"], ["a"]),
        ("a.c", "q", ["a.c"], ["abc"]),
        ("a\nb (c", "q", ["a\nb (c"], ["ab"]),
        ("A+B", "qi", ["xa+b"], ["aab"]),
        ("a b", "qx", ["a b"], ["ab"]),
        ("^b$", "m", ["a\nb\nc"], ["abc"]),
        ("a.b", "s", ["a\nb"], []),
        ("^a.b$", "si", ["A\nB"], []),
    ],
)
def test_flags_mean_what_xpath_says(pattern: str, flags: str, yes: list[str], no: list[str]) -> None:
    assert chosen(pattern, [*yes, *no], flags) == yes


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "[", "[]", "a**", "a++", "*a", "(?=a)", "(?!a)", "(?<=a)", "(?>a)", r"\1", r"(a\1)", "a{2,1}", "a{",
        "a{,2}", "{2}", r"\q", r"\z", "\\", "[z-a]", r"[a-\d]", r"\p{IsFoo}", r"\p{Xx}", r"\p", "a(?i)b", "[" * 300,
        "(" * 300, "a{9999999}", "[a-z-[b]c]", r"[\b]", r"\u{110000}", "a" * 30_000,
    ],
)  # fmt: skip
def test_what_is_not_one_of_xpaths_is_refused_in_one_line(pattern: str) -> None:
    with pytest.raises(ShapesError, match="cannot be read") as error:
        chosen(pattern, ["a"])
    assert len(str(error.value)) < 500
    assert "\n" not in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a*)*\1b", "a" * 60),
        (r"(a+)+\1$", "a" * 60 + "b"),
        (r"(a|aa)+\1$", "a" * 60 + "b"),
        (r"(a?){1,30}(a)\2b", "a" * 60),
        (r"(.*)(.*)(.*)(.*)(.*)\1b", "a" * 400),
        (r"((a?){25})\1b", "a" * 60),
        (r".*a.{3000}b", "a" * 300_000),
    ],
)
def test_a_pattern_that_would_not_end_is_refused(monkeypatch: pytest.MonkeyPatch, pattern: str, text: str) -> None:
    monkeypatch.setattr(patterns, "MAX_SECONDS", 1)
    begun = time.monotonic()
    with pytest.raises(ShapesError, match=r"repetitions within repetitions|takes longer than 1 seconds"):
        chosen(pattern, [text])
    assert time.monotonic() - begun < 9


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*$", "(a|aa)+$", "(a?){25}a{25}$", "(x+x+)+y"])
def test_nested_repetitions_without_back_references_are_answered(pattern: str) -> None:
    chosen(pattern, ["a" * 5_000 + "b"])


@pytest.mark.slow
@pytest.mark.parametrize("shape", ['sh:targetNode "%s"', "sh:targetObjectsOf ex:p"])
def test_the_second_engine_ends_too(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    monkeypatch.setattr(patterns, "MAX_SECONDS", 1)
    text = "a" * 60 + "b"
    with pytest.raises(ShapesError, match="pySHACL"):
        check(f'ex:a ex:p "{text}" .', f'ex:S {shape.replace("%s", text)} ; sh:pattern "(a+)+$" .', engine="pyshacl")


@pytest.mark.slow
@pytest.mark.parametrize("escape", ["s", "S", "d", "D", "w", "W", "i", "I", "c", "C", "p{Lu}", "P{Nd}", "p{IsThai}"])
def test_both_engines_take_the_same_characters(escape: str) -> None:
    texts = [chr(point) for point in range(0x3000) if not 0xD800 <= point <= 0xDFFF]
    ranges = ranges_of(escape)
    assert ranges is not None
    ours = {t for t in texts if any(low <= ord(t) <= high for low, high in ranges)}
    theirs = set(chosen(rf"^\{escape}$", texts))
    # The two know different versions of Unicode, which differ in what is not assigned yet.
    assert len(ours ^ theirs) < 60


def test_the_size_of_a_pattern_counts_its_repetitions() -> None:
    assert translate("(.{50}){50}").size > 2500
    assert translate("a+b*").size < 20
