"""The dates and numbers that a text has, in any of the ways in which they are written.

Dates of the Gregorian calendar and of the Republic of China's (民國93年, 89年底, 88.01.31) are read at their precision,
and numbers in digits, Chinese numerals (二十%, 一九九七年, 2.5億) or English words. Nothing is guessed from the words
around: a text has every date and number that it can be read as having.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from glocal_rdf.namespaces import XSD

__all__ = ["NUMBERS", "Date", "Part", "Values", "has_number", "read_values"]

NUMBERS: Final = frozenset(
    f"{XSD}{name}"
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger", "positiveInteger")
)
"""The datatypes of numbers."""

Date = tuple[int, ...]
"""A year, or a year with a month, or with a month and a day."""

Part = tuple[int, str, int]
"""A part of a year: the year, `season`, `quarter` or `half`, and its number, from 1 (spring)."""

_DIGITS: Final = {digit: number for number, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "兩": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"萬": 10**4, "億": 10**8, "兆": 10**12, "万": 10**4, "亿": 10**8}
_ENGLISH_UNITS: Final = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_ENGLISH: Final = {
    "zero": 0, "one": 1, "first": 1, "once": 1, "two": 2, "second": 2, "twice": 2, "both": 2, "three": 3, "third": 3,
    "four": 4, "fourth": 4, "five": 5, "fifth": 5, "six": 6, "sixth": 6, "seven": 7, "seventh": 7, "eight": 8,
    "eighth": 8, "nine": 9, "ninth": 9, "ten": 10, "tenth": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "(" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS) + r")\.?"
_HAN_NUMBER = "〇零○一二三四五六七八九十百千兩"
_SPACED_DIGITS = re.compile(r"(?<![\d.])\d(?: \d){1,3}(?![\d.])(?! ?[-–] ?\d)")
_HAN_YEAR = re.compile(r"[〇零○一二三四五六七八九\d]{2,4}(?=年)")
_HAN_MONTH = re.compile(r"[一二三四五六七八九十]{1,3}(?=[月日])")
_GAPS = re.compile(
    r"(?<=[\u3400-\u9fff]) +(?=\d)|(?<=\d) +(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])"
)
_CHINESE_DATE = re.compile(r"(民國|民)?(?<!\d)(\d{2,4})\)?年(代)?(?:(\d{1,2})月(?:(\d{1,2})日)?)?")
_MARKED_DATE = re.compile(r"(?<![\d.])(\d{2,4})([./-])(\d{1,2})(?:\2(\d{1,2}))?(?![\d%])")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} +(?:(\d{{1,2}})(?:st|nd|rd|th)?,? +)?(\d{{4}})\b")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? +{_MONTH},? +(\d{{4}})\b")
_DECADE = re.compile(r"(?<!\d)(\d{2,4})(?:年代|s\b)")
_CENTURY = re.compile(r"(?<!\d)(\d{1,2})世紀|\b(\d{1,2})(?:st|nd|rd|th) century")
_YEAR = re.compile(r"(?<![\d.])(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})(?![\d%])(?!年代|s\b)")
_NUMBER = re.compile(r"(\d+(?:,\d{3})+(?!\d)|\d+)(\.\d+)?((?:[十百千]?[萬億兆万亿]|[十百千])*)")
_HAN = re.compile(rf"[{_HAN_NUMBER}]+(?:[萬億兆万亿][{_HAN_NUMBER}]*)*")
_ENGLISH_WORD = rf"(?:{'|'.join([*_ENGLISH_UNITS, *_ENGLISH])})"
_ENGLISH_NUMBER = re.compile(
    rf"\b(?:\d+(?:\.\d+)?[ -]{_ENGLISH_WORD}|{_ENGLISH_WORD})(?:[ -](?:and[ -])?{_ENGLISH_WORD})*\b"
)
_HALF = re.compile(r"半|\bhalf\b")
_SEASONS: Final = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4, "春": 1, "夏": 2, "秋": 3, "冬": 4}
_SEASON = re.compile(r"(?<!\d)(\d{4})年?([春夏秋冬])|\b(spring|summer|autumn|fall|winter)(?: of|,)? (\d{4})\b")
_CHINESE_PART = re.compile(r"(?<!\d)(\d{4})年第?([一二三四1-4上下])(半年|季)")
_ENGLISH_PART = re.compile(
    r"\b(first|second|third|fourth|1st|2nd|3rd|4th|q[1-4])(?: (quarter|half))?(?: of| in|,)? (\d{4})\b"
)
_DATED = r"\d{2,4}(?:年(?:代|\d{1,2}月(?:\d{1,2}日)?)?|[./-]\d{1,2}(?:[./-]\d{1,2})?|s\b)?|\d{1,2}世紀"
_ABOUT = re.compile(
    rf"(?:約[於在為莫]?|大約|大概|近|\bca?\.|\b(?:circa|about|around|approximately|roughly)\b) ?(?:in |the )?"
    rf"(?P<after>(?:{_MONTH} )?(?:\d{{1,2}}, )?(?:西元|民國)?(?:{_DATED}))|(?P<before>{_DATED})(?:左右|前後|上下)"
)
_EARLIEST_YEAR = 1000
_REPUBLIC = 1911
"""The year before the first of the Republic of China's calendar."""


@dataclass(frozen=True)
class Values:
    """What a text has of dates and numbers.

    Attributes:
        dates: The dates, each at its precision.
        periods: The decades and centuries, by their first and last years.
        numbers: The numbers.
        parts: The seasons, quarters and halves of years.
        approximate: Those of the dates, periods and parts beside which a word makes them approximate.
    """

    dates: frozenset[Date]
    periods: frozenset[tuple[int, int]]
    numbers: frozenset[Decimal]
    parts: frozenset[Part] = frozenset()
    approximate: frozenset[Date | Part] = frozenset()


def read_values(text: str) -> Values:
    """Read the dates and numbers of a text.

    Examples:
        >>> sorted(read_values("2005年11月成立，88.01.31通過，May 10, 2002").dates)
        [(1999, 1, 31), (2002,), (2002, 5, 10), (2005,), (2005, 11)]
        >>> sorted(read_values("70年代環保運動，21世紀").periods)
        [(1970, 1979), (2000, 2099), (2001, 2100)]
        >>> [has_number(read_values(text), "250000000") for text in ("2.5億的人口", "二億五千萬", "25億")]
        [True, True, False]
    """
    plain = _plain(text)
    dates, periods, parts = (
        frozenset(_read_dates(plain)),
        frozenset(_read_periods(plain)),
        frozenset(_read_parts(plain)),
    )
    about = frozenset(one for words in _find_approximate(plain) for one in _read_all(words))
    return Values(dates, periods, frozenset(_read_numbers(plain)), parts, about & (dates | periods | parts))


def has_number(values: Values, number: str) -> bool:
    """Return whether a text has a number, whatever its form.

    Args:
        values: What the text has.
        number: The number as XML Schema writes it.
    """
    try:
        return Decimal(number.strip()) in values.numbers
    except ArithmeticError:
        return False


def _plain(text: str) -> str:
    """Fold width and case, join what scanned texts space out, and write the parts of dates in digits."""
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower())
    folded = re.sub(r"(?<=[〇零○一二三四五六七八九]) (?=\d )|(?<=\d) (?=[〇零○一二三四五六七八九])", "", folded)
    folded = _GAPS.sub("", _SPACED_DIGITS.sub(lambda found: found[0].replace(" ", ""), folded))
    folded = _HAN_YEAR.sub(lambda found: "".join(str(_DIGITS.get(digit, digit)) for digit in found[0]), folded)
    return _HAN_MONTH.sub(lambda found: str(_read_chinese(found[0])), folded)


def _read_dates(text: str) -> Iterator[Date]:
    for found in _CHINESE_DATE.finditer(text):
        if not found[3]:
            yield from _date(found[2], found[4], found[5])
    for found in _MARKED_DATE.finditer(text):
        yield from _date(found[1], found[3], found[4])
    for found in _MONTH_FIRST.finditer(text):
        yield from _date(found[3], str(_month(found[1])), found[2])
    for found in _DAY_FIRST.finditer(text):
        yield from _date(found[3], str(_month(found[2])), found[1])
    for found in _YEAR.finditer(text):
        yield (int(found[1]),)


def _date(year: str, month: str | None, day: str | None) -> Iterator[Date]:
    number = int(year)
    date = [number if number >= _EARLIEST_YEAR else number + _REPUBLIC]
    for part, last in ((month, 12), (day, 31)):
        if part is None or not 1 <= int(part) <= last:
            break
        date.append(int(part))
    yield tuple(date)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _read_periods(text: str) -> Iterator[tuple[int, int]]:
    """Yield decades and centuries; a century begins with its year 0 for some, and with its year 1 for others."""
    for found in _DECADE.finditer(text):
        number = int(found[1])
        first = number if number >= _EARLIEST_YEAR else number + 1900
        yield first, first + 9
    for found in _CENTURY.finditer(text):
        last = int(found[1] or found[2]) * 100
        yield from ((last - 100, last - 1), (last - 99, last))


def _read_parts(text: str) -> Iterator[Part]:
    for found in _SEASON.finditer(text):
        year, name = (found[1], found[2]) if found[1] else (found[4], found[3])
        yield int(year), "season", _SEASONS[name]
    for found in _CHINESE_PART.finditer(text):
        name, number = found[3] or found[2], found[2]
        if name == "半年":
            yield int(found[1]), "half", 1 if number == "上" else 2
        else:
            yield int(found[1]), "quarter", int(_DIGITS.get(number, number))
    for found in _ENGLISH_PART.finditer(text):
        number = _ENGLISH.get(found[1]) or int(found[1][-1] if found[1][0] == "q" else found[1][0])
        yield int(found[3]), "half" if found[2] == "half" else "quarter", number


def _find_approximate(text: str) -> Iterator[str]:
    """Yield the words that another word makes approximate."""
    for found in _ABOUT.finditer(text):
        yield found["after"] or found["before"]


def _read_all(text: str) -> Iterator[Date | Part]:
    yield from _read_dates(text)
    yield from _read_periods(text)
    yield from _read_parts(text)


def _read_numbers(text: str) -> Iterator[Decimal]:
    for found in _NUMBER.finditer(text):
        number = Decimal(found[1].replace(",", "") + (found[2] or ""))
        yield number
        for unit in found[3]:
            number *= _UNITS.get(unit) or _LARGE[unit]
        yield number
    for found in _HAN.finditer(text):
        yield Decimal(_read_chinese(found[0]))
    for found in _ENGLISH_NUMBER.finditer(text):
        yield from _read_english(re.findall(r"[a-z]+|\d[\d.]*", found[0]))
    if _HALF.search(text):
        yield from (Decimal("0.5"), Decimal(50))


def _read_english(words: list[str]) -> Iterator[Decimal]:
    """Yield the number that English words are, and those of the single words."""
    total = part = Decimal(0)
    for word in words:
        if word in _ENGLISH_UNITS:
            unit = Decimal(_ENGLISH_UNITS[word])
            part = (part or 1) * unit
            if unit > 100:
                total, part = total + part, Decimal(0)
        elif word != "and":
            number = Decimal(_ENGLISH[word]) if word in _ENGLISH else Decimal(word.rstrip("."))
            yield number
            part += number
    yield total + part


def _read_chinese(numerals: str) -> int:
    """Return the number that Chinese numerals are, by places (二十五) or digit by digit (二〇〇五)."""
    total = part = digit = 0
    if not any(numeral in _UNITS or numeral in _LARGE for numeral in numerals):
        return int("".join(str(_DIGITS[numeral]) for numeral in numerals))
    for numeral in numerals:
        if numeral in _DIGITS:
            digit = _DIGITS[numeral]
        elif numeral in _UNITS:
            part, digit = part + (digit or 1) * _UNITS[numeral], 0
        else:
            section = part + digit
            total = total + section * _LARGE[numeral] if section else (total or 1) * _LARGE[numeral]
            part = digit = 0
    return total + part + digit
