"""Languages: the messages of the program in the language of the reader, and the choice among texts in several.

A message is written in English in the code, and that text is its key in the catalogues (`locales/<tag>.po`, in the
format of GNU gettext). A language is added with a file of messages and nothing else: copy `zh-Hant.po`, name it by the
BCP 47 tag of the language, and translate. What a catalogue lacks is printed in English. Catalogues are read when a
message in their language is first asked for, so that English costs nothing.

`message`, `message_in` and `plural` translate; `translatable` marks a text that stands in a table and is translated
where it is used. These four names are how the tests find the messages that catalogues must have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from glocal_rdf.errors import InputError

__all__ = [
    "ENGLISH",
    "best_tag",
    "languages",
    "match_language",
    "message",
    "message_in",
    "pick",
    "plural",
    "punctuation",
    "translatable",
]

ENGLISH: Final = "en"
_FOLDER: Final = Path(__file__).parent / "locales"


class _Catalogue(NamedTuple):
    """Translations by context and English text, one for each plural form, and the number of the form for a count."""

    texts: Mapping[tuple[str, str], tuple[str, ...]]
    form_of: Callable[[int], int]


@cache
def languages() -> tuple[str, ...]:
    """List the languages that messages can be had in, English first, by their BCP 47 tags.

    Examples:
        >>> languages()
        ('en', 'zh-Hant')
    """
    return (ENGLISH, *sorted(path.stem for path in _FOLDER.glob("*.po")))


@cache
def match_language(wanted: str) -> str:
    """Return the language of messages that suits a language tag, or a locale of POSIX, best; English where none does.

    Examples:
        >>> [match_language(tag) for tag in ("zh-TW", "zh_TW.UTF-8", "ZH-HANT", "en-GB", "fr", "C", "")]
        ['zh-Hant', 'zh-Hant', 'zh-Hant', 'en', 'en', 'en', 'en']
    """
    tag = wanted.partition(".")[0].partition("@")[0].replace("_", "-")
    return best_tag(languages(), tag, fallback=False) or ENGLISH


def best_tag(tags: Iterable[str], lang: str, *, fallback: bool = True) -> str | None:
    """Choose the language tag that suits a reader best.

    In this order: the language itself, one that it is a part of or that is a part of it (`en` and `en-GB`), one of the
    same primary language (`zh-Hant` and `zh-TW`), and no language (the empty tag).

    Args:
        tags: Language tags (BCP 47), compared without regard to case; of equally good ones the first is chosen.
        lang: The language of the reader.
        fallback: Whether, where none of these is there, English is chosen, and without it the first.

    Returns:
        The tag as it was given, or None where none suits.

    Examples:
        >>> best_tag(["en", "zh-TW"], "zh-Hant"), best_tag(["fr", "en"], "zh-Hant"), best_tag(["fr", ""], "zh-Hant")
        ('zh-TW', 'en', '')
        >>> best_tag(["fr", "en"], "zh-Hant", fallback=False) is None, best_tag([], "en") is None
        (True, True)
    """
    wanted = lang.lower()
    given = tuple(tags)
    best, best_rank = None, 0
    for tag in given:
        rank = _rank(tag.lower(), wanted)
        if rank > best_rank:
            best, best_rank = tag, rank
    if best is None and fallback and given:
        return given[0] if wanted == ENGLISH else best_tag(given, ENGLISH)
    return best


def _rank(tag: str, wanted: str) -> int:
    if tag == wanted:
        return 4
    if not tag:
        return 1
    if tag.startswith(f"{wanted}-") or wanted.startswith(f"{tag}-"):
        return 3
    return 2 if tag.partition("-")[0] == wanted.partition("-")[0] else 0


def pick(texts: Mapping[str, str] | Iterable[tuple[str, str]], lang: str, *, fallback: bool = True) -> str:
    """Choose the text whose language suits a reader best, as `best_tag` does; of one language the first.

    Args:
        texts: Texts by language tag, or pairs of text and tag; empty texts do not count.
        lang: The language of the reader.
        fallback: Whether a text in another language is chosen where none suits.

    Returns:
        The text, or an empty one where there is none.

    Examples:
        >>> pick([("a", "en"), ("甲", "zh-Hant")], "zh-Hant"), pick({"en": "a", "zh-Hant": "甲"}, "zh-TW")
        ('甲', '甲')
        >>> pick({"fr": "un"}, "en"), pick({"fr": "un"}, "en", fallback=False), pick({}, "en")
        ('un', '', '')
    """
    pairs = ((text, tag) for tag, text in texts.items()) if isinstance(texts, Mapping) else texts
    by_tag: dict[str, str] = {}
    for text, tag in pairs:
        if text:
            by_tag.setdefault(tag, text)
    tag = best_tag(by_tag, lang, fallback=fallback)
    return "" if tag is None else by_tag[tag]


def translatable(text: str) -> str:
    """Mark a message that stands in a table, and is translated where it is used; return it as it is.

    Examples:
        >>> translatable("{value} is not a {expected}")
        '{value} is not a {expected}'
    """
    return text


def message(lang: str, text: str, /, **values: object) -> str:
    """Return a message in the language of the reader, with its values filled in.

    Args:
        lang: The language of the reader, as `match_language` takes it.
        text: The message in English, with the names of values in braces (`str.format`).
        **values: The values.

    Examples:
        >>> message("en", "{value} is not a {expected}", value="5", expected="date")
        '5 is not a date'
        >>> message("zh-TW", "{value} is not a {expected}", value="5", expected="date")
        '5 不是 date'
        >>> message("zh-Hant", "no translation of {text}", text="{this}")
        'no translation of {this}'
    """
    return _fill(_translate(lang, "", text), values)


def message_in(lang: str, context: str, text: str, /, **values: object) -> str:
    """Return a message whose English text means different things in different places, like `message`.

    Args:
        lang: The language of the reader.
        context: The place, as the catalogue names it.
        text: The message in English.
        **values: The values.

    Examples:
        >>> message("zh-Hant", "name"), message_in("zh-Hant", "match", "name")
        ('名稱', '同名')
        >>> message_in("en", "match", "name")
        'name'
    """
    return _fill(_translate(lang, context, text), values)


def plural(lang: str, one: str, many: str, number: int, /, **values: object) -> str:
    """Return a message about a number of things; `{number}` is that number.

    Args:
        lang: The language of the reader.
        one: The message in English for the number 1.
        many: The message for any other number.
        number: The number of things.
        **values: Further values.

    Examples:
        >>> [plural("en", "{number} result", "{number:,} results", number) for number in (0, 1, 2000)]
        ['0 results', '1 result', '2,000 results']
        >>> plural("zh-Hant", "violation", "violations", 2)
        '違規'
    """
    catalogue = _read_catalogue(match_language(lang))
    forms = catalogue.texts.get(("", one)) or (one, many)
    form_of = catalogue.form_of if ("", one) in catalogue.texts else _english_form
    return _fill(forms[form_of(number)], {"number": number, **values})


def punctuation(lang: str) -> tuple[str, str]:
    """Return comma and colon as a language has them, with the space that follows.

    Examples:
        >>> punctuation("en"), punctuation("zh-Hant")
        ((', ', ': '), ('、', '：'))
    """
    return message_in(lang, "punctuation: list", ", "), message_in(lang, "punctuation: label", ": ")


def _english_form(number: int) -> int:
    return int(number != 1)


def _fill(text: str, values: Mapping[str, object]) -> str:
    return text.format(**values) if values else text


def _translate(lang: str, context: str, text: str) -> str:
    forms = _read_catalogue(match_language(lang)).texts.get((context, text), ())
    return forms[0] if forms else text


@cache
def _read_catalogue(lang: str) -> _Catalogue:
    """Read the messages of one of our languages.

    Raises:
        InputError: Where the file is not a catalogue.
    """
    if lang == ENGLISH:
        return _Catalogue({}, _english_form)
    from gettext import c2py  # noqa: PLC0415 - imported late, as English needs neither

    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    path = _FOLDER / f"{lang}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise InputError.at(
            path, f"is not a catalogue of messages: {error}", "see the manual of GNU gettext"
        ) from error
    texts: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in catalogue:
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        if key and forms and all(forms) and not entry.fuzzy:
            texts[entry.context or "", key] = forms
    return _Catalogue(texts, c2py(catalogue.plural_expr))
