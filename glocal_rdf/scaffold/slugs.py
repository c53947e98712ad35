"""Makes identifiers: slugs of names for the IRIs of things, and names of terms from the headers of columns.

A slug has lower-case letters, digits and hyphens. Letters with marks lose them; those of Greek and Cyrillic are
transliterated. A name in a script without a transliteration that is one for all languages (Chinese, Arabic, …) gets a
number, since a made-up spelling would be an invention. A slug that is there already gets `-2`, `-3`, … in the order of
the rows; so does one that was used before, and slugs that things have stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

__all__ = ["Slugs", "camel_case", "make_slug", "make_slugs", "pascal_case", "singular", "snake_case", "to_ascii"]

MAX_SLUG: Final = 60
"""How long a slug is at most, unless one word is longer."""

_LETTERS: Final = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
        "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ŋ": "ng", "ħ": "h", "Ħ": "H",
        "²": "2", "³": "3",
    }
)  # fmt: skip
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_CYRILLIC: Final = (
    "а:a б:b в:v г:g д:d е:e ё:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh "
    "щ:shch ъ: ы:y ь: э:e ю:iu я:ia і:i ї:i є:ie ґ:g ў:u"
)
_GREEK: Final = "α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o"
_PAIRS: Final = f"{_CYRILLIC} {_GREEK}"
_SCRIPTS: Final = {pair[0]: pair[2:] for pair in _PAIRS.split(" ")}
_TRANSLITERATION: Final = str.maketrans(_SCRIPTS | {k.upper(): v.capitalize() for k, v in _SCRIPTS.items()})


def to_ascii(text: str, lang: str = "") -> str:
    """Write a text with letters of ASCII, as far as they are known; other characters stay.

    Args:
        text: The text.
        lang: Its language: in German, ä becomes ae.

    Examples:
        >>> to_ascii("Ñuñoa"), to_ascii("Größe", "de"), to_ascii("Αθήνα"), to_ascii("公園 A")
        ('Nunoa', 'Groesse', 'Athina', '公園 A')
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if lang.partition("-")[0] == "de":
        text = text.translate(_UMLAUTS)
    text = text.replace("ё", "е").replace("й", "и") if lang == "ru" else text
    text = text.translate(_LETTERS).translate(_TRANSLITERATION)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.translate(_TRANSLITERATION)


def make_slug(name: str, lang: str = "") -> str:
    """Make a slug of a name; the empty text where it has letters that cannot be written in ASCII, or none.

    Examples:
        >>> make_slug("Lotus Pond"), make_slug("Parc de l'Étang"), make_slug("蓮池公園"), make_slug("A. & B. Co.")
        ('lotus-pond', 'parc-de-l-etang', '', 'a-b-co')
    """
    text = to_ascii(name, lang)
    if any(c.isalpha() and not c.isascii() for c in text):
        return ""
    words = re.findall("[a-z0-9]+", text.lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > MAX_SLUG and slug:
            break
        slug = longer
    return slug


class Slugs:
    """The slugs of one table: those that are taken, and new ones that differ from them."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        """Take the slugs that are in use or were used before."""
        self._taken = set(taken)
        self._next = 1
        self.collisions: dict[str, list[str]] = {}

    def add(self, name: str, lang: str = "") -> str:
        """Return a new slug for a name, and note where it had to differ from that of another name."""
        base = make_slug(name, lang)
        if not base:
            while str(self._next) in self._taken:
                self._next += 1
            slug = str(self._next)
        else:
            slug, again = base, 2
            while slug in self._taken:
                slug, again = f"{base}-{again}", again + 1
            if slug != base:
                self.collisions.setdefault(base, []).append(slug)
        self._taken.add(slug)
        return slug


def make_slugs(
    names: Sequence[str], lang: str = "", known: Mapping[str, str] | None = None, taken: Collection[str] = ()
) -> tuple[list[str], dict[str, list[str]]]:
    """Make a slug for each name.

    Args:
        names: The names, in the order of the rows.
        lang: Their language.
        known: The slugs that things have already, by name; each is given once.
        taken: Slugs that must not be used for anything else.

    Returns:
        The slugs, and those that got a number because another thing has the slug, by the slug that they would have had.

    Examples:
        >>> make_slugs(["Fort Hill", "Fort-Hill", "蓮池公園"])
        (['fort-hill', 'fort-hill-2', '1'], {'fort-hill': ['fort-hill-2']})
    """
    left = dict(known or {})
    slugs = Slugs({*taken, *left.values()})
    out = []
    for name in names:
        found = left.pop(name, None)
        out.append(slugs.add(name, lang) if found is None else found)
    return out, slugs.collisions


def _words(text: str, lang: str) -> list[str]:
    """Return the words of a header in ASCII; those that begin with a capital letter inside a word are words too."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", to_ascii(text, lang))
    return re.findall("[A-Za-z0-9]+", text)


def _is_written(text: str, lang: str) -> bool:
    """Return whether all letters of a text can be written in ASCII."""
    return not any(c.isalpha() and not c.isascii() for c in to_ascii(text, lang))


def snake_case(text: str, lang: str = "") -> str:
    """Write a header as the name of a column; the empty text where that is not possible.

    Examples:
        >>> snake_case("Area (ha)"), snake_case("parkNo."), snake_case("面積"), snake_case("name@zh")
        ('area_ha', 'park_no', '', 'name_zh')
    """
    return "_".join(word.lower() for word in _words(text, lang)) if _is_written(text, lang) else ""


def camel_case(text: str, lang: str = "") -> str:
    """Write a header as the local name of a property; the empty text where that is not possible.

    Examples:
        >>> camel_case("Area (ha)"), camel_case("Lit at night"), camel_case("2019 budget"), camel_case("面積")
        ('areaHa', 'litAtNight', 'n2019Budget', '')
    """
    words = _words(text, lang) if _is_written(text, lang) else []
    name = "".join(word.lower() if i == 0 else word[:1].upper() + word[1:].lower() for i, word in enumerate(words))
    return f"n{name}" if name[:1].isdigit() else name


def pascal_case(text: str, lang: str = "") -> str:
    """Write a title as the local name of a class; the empty text where that is not possible.

    Examples:
        >>> pascal_case("city networks"), pascal_case("2019")
        ('CityNetworks', 'N2019')
    """
    name = camel_case(text, lang)
    return name[:1].upper() + name[1:]


def singular(title: str) -> str:
    """Return a title in the singular, where its last word is a plural of English.

    Examples:
        >>> singular("Parks"), singular("cities"), singular("Addresses"), singular("Status"), singular("Series")
        ('Park', 'city', 'Address', 'Status', 'Series')
    """
    lowered = title.lower()
    if not re.search("[a-z]{3}$", lowered) or lowered.endswith(("ss", "us", "is", "series", "species", "news", "data")):
        return title
    if lowered.endswith("people"):
        return title[:-6] + ("Person" if title[-6] == "P" else "person")
    if lowered.endswith("ies") and len(lowered) > 4:
        return title[:-3] + "y"
    if lowered.endswith(("sses", "shes", "ches", "xes", "zes")):
        return title[:-2]
    return title[:-1] if lowered.endswith("s") else title
