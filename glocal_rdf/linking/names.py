"""Folds names in columns so that their spellings compare equal, and lists the keys by which a name is found.

1. Width, case, accents and the scripts of Chinese are folded (NFKC, OpenCC), marks become spaces or nothing.
2. Words without meaning of their own (of, the, Ltd) are let go, and spellings of English are made one.
3. Words for a kind of place (city, county, 市, 縣) and codes of regions (`Davis, CA`) are set apart as the
   *designation*: `Hsinchu City` and `Hsinchu` may be one, `Hsinchu City` and `Hsinchu County` may not.
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.forms import HAN, fold_characters
from glocal_rdf.lazy import pl
from glocal_rdf.linking.countries import find_countries

__all__ = ["MAX_NAME_LENGTH", "compare_words", "fold_names", "guess_language", "is_acronym"]

MAX_NAME_LENGTH: Final = 300
"""How many characters of a name are compared."""

_LETTERS: Final = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_NOT_IN_NAME: Final = "['’‘`´ʻʼʹ′\"“”.·・‧]"
_STOP: Final = (
    "the|of|and|for|in|on|at|to|an?|de|la|le|les|des|du|di|del|della|dei|da|do|dos|das|der|die|und|et|e|y|en|el|los|las|"
    "af|og|och|van|het|von|zu|inc|ltd|limited|llc|gmbh|ev|asbl|aisbl|plc|corp|sa|ag|bv|nv"
)
_SPELLINGS: Final = (
    (r"\bcentre(s?)\b", "center$1"),
    (r"\bprogramme(s?)\b", "program$1"),
    (r"\blabour\b", "labor"),
    (r"\bdefence\b", "defense"),
    (r"\bsaint\b", "st"),
    (r"isation(s?)\b", "ization$1"),
)
_DESIGNATIONS: Final = {
    "city": "city|town|shi|si|municipality|municipio|commune|comune|ville|ciudad|stadt|borough|stad",
    "county": "county|landkreis|kreis|comte|condado|shire",
    "district": "district|arrondissement|bezirk|distrito",
    "province": "province|prefecture|state|region|provincia|provinz|oblast|governorate",
    "government": "government|council|hall|administration|authority",
}
_HAN_DESIGNATIONS: Final = {
    "city": "市|都|鎮|镇", "county": "县|縣|郡", "district": "区|區|乡|鄉", "province": "省|州|府|道",
    "government": "市政府|县政府|政府",
}  # fmt: skip
_REGION: Final = r"^([^,]*\p{L}), *\p{Lu}{2}$"
"""What stands before the code of a region or state: `Davis, CA`. Where it is not in both names, it is a designation."""

_SCRIPTS: Final = {
    "Hani": r"[\p{Han}\p{Hiragana}\p{Katakana}]", "Hang": r"\p{Hangul}", "Cyrl": r"\p{Cyrillic}", "Arab": r"\p{Arabic}",
    "Grek": r"\p{Greek}", "Hebr": r"\p{Hebrew}", "Thai": r"\p{Thai}", "Deva": r"\p{Devanagari}",
}  # fmt: skip
_TELLING: Final = {
    "en": "of|the|and|agency|organization|institute|university|council|society|research|development|office|foundation|"
    "committee|department|ministry|united|nations|world|health|association|affairs|network|board|authority|service",
    "fr": "du|des|les|et|pour|aux|de la|agence|comite|conseil|societe|recherche|universite|ministere|banque|reseau",
    "de": "der|die|das|und|fur|fuer|im|zur|des deutschen|gesellschaft|verband|bund|ministerium|europaische\\w*",
    "es": "del|los|las|para|y|el|agencia|comision|consejo|sociedad|universidad|ministerio|banco|organizacion|red",
    "it": "di|della|dei|delle|degli|per|agenzia|consiglio|societa|universita|ministero|istituto|nazionale|ricerca",
    "pt": "do|da|dos|das|agencia|comissao|conselho|sociedade|universidade|ministerio|organizacao|fundacao",
    "nl": "het|van|voor|een|vereniging|stichting|nederlands\\w*", "sv": "och|for|av|foreningen|sallskapet|svenska",
}  # fmt: skip
"""Words that one language has and others rarely have, by which the language of a name is guessed."""

_PARTS: Final = frozenset(
    {
        "academy", "africa", "agency", "air", "america", "americas", "army", "asia", "assembly", "board", "branch",
        "bureau", "center", "central", "chapter", "clinic", "college", "command", "commission", "committee", "corps",
        "council", "court", "department", "directorate", "division", "east", "eastern", "europe", "faculty", "force",
        "forces", "foundation", "fund", "group", "hospital", "institute", "junior", "laboratory", "library", "local",
        "museum", "national", "navy", "north", "northern", "oceania", "office", "pacific", "parliament", "program",
        "project", "regional", "school", "secretariat", "section", "security", "service", "services", "south",
        "southern", "staff", "station", "student", "students", "team", "unit", "west", "western", "women", "youth",
    }
)  # fmt: skip
"""Words that, added to the name of an organization, make that of a part, a section or a neighbour of it."""

_SPELLING: Final = 0.75
"""How similar two words are that may be spellings of one."""

_ACRONYM: Final = r"^\p{Lu}[\p{Lu}\d&\-]{1,9}$"


def is_acronym(name: pl.Expr) -> pl.Expr:
    """Return whether a name is written as an acronym: two to ten capital letters, and nothing else."""
    return name.str.contains(_ACRONYM)


def guess_language(key: pl.Expr, lang: pl.Expr) -> pl.Expr:
    """Guess the language of a folded name: its script, or in Latin letters the tag, or what words that tell it say.

    Args:
        key: The folded name.
        lang: Its language tag; empty where there is none.
    """
    tag = lang.str.extract("^([A-Za-z]{2,3})(?:[-_]|$)").str.to_lowercase()
    said = [pl.when(key.str.contains(rf"\b(?:{words})\b")).then(pl.lit(name)) for name, words in _TELLING.items()]
    number = pl.sum_horizontal(one.is_not_null().cast(pl.Int8) for one in said)
    latin = pl.when(tag.is_in(["mul", "und"])).then(None).otherwise(tag)
    found = pl.coalesce(latin, pl.when(number == 1).then(pl.coalesce(said)))
    for script, letters in reversed(_SCRIPTS.items()):
        found = pl.when(key.str.contains(letters)).then(pl.lit(script)).otherwise(found)
    return found


def fold_names(names: pl.Series) -> pl.DataFrame:
    """Fold names, each once.

    Args:
        names: The names, as they are written.

    Returns:
        For each different name: `name`; `key`, its folded form; `meant`, the words that carry meaning;
        `sorted`, the same sorted; `bare`, the key without designation; `designation`; `loose`, its letters
        alone, with `ae`, `oe` and `ue` as one vowel; `initials`, where there are three words or more; `acronym`,
        where it is written as one.

    Examples:
        >>> fold_names(pl.Series(["City of Chiayi", "嘉義縣"])).select("key", "bare", "designation").rows()
        [('city of chiayi', 'chiayi', 'city'), ('嘉义县', '嘉义', 'county')]
    """
    written = names.drop_nulls().unique(maintain_order=True).alias("name").to_frame()
    frame = written.with_columns(_fold(pl.col("name").str.slice(0, MAX_NAME_LENGTH)).alias("key"))
    han = frame.filter(pl.col("key").str.contains(f"[{HAN}]")).select("key").unique()
    if han.height:
        folded = han.with_columns(folded=pl.col("key").map_elements(fold_characters, return_dtype=pl.String))
        folded = folded.with_columns(pl.col("folded").str.replace_all(rf"([{HAN}]) +", "$1"))
        frame = frame.join(folded, on="key", how="left", maintain_order="left").with_columns(
            key=pl.coalesce("folded", "key")
        )
    meant = pl.col("key")
    for pattern, spelling in _SPELLINGS:
        meant = meant.str.replace_all(pattern, spelling)
    frame = frame.with_columns(spelt=meant).with_columns(meant=_without(pl.col("spelt"), _STOP))
    frame = frame.with_columns(
        bare=_without(pl.col("meant"), "|".join(_DESIGNATIONS.values())),
        region=_fold(pl.col("name").str.extract(_REGION).str.slice(0, MAX_NAME_LENGTH)),
        han=pl.col("key").str.contains(f"^[{HAN}]{{3,}}$"),
    )
    named, ends = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for name, words in reversed(_DESIGNATIONS.items()):
        named = pl.when(pl.col("meant").str.contains(rf"\b(?:{words})\b")).then(pl.lit(name)).otherwise(named)
    for name, endings in _HAN_DESIGNATIONS.items():
        ends = pl.when(pl.col("key").str.contains(f"(?:{endings})$")).then(pl.lit(name)).otherwise(ends)
    han_ending = f"(?:{'|'.join(reversed(_HAN_DESIGNATIONS.values()))})$"
    several = pl.col("meant").str.count_matches(" ") > 1
    return frame.select(
        "name",
        "key",
        "meant",
        sorted=pl.when(pl.col("meant").str.contains(" ", literal=True))
        .then(pl.col("meant").str.split(" ").list.sort().list.join(" "))
        .otherwise("meant"),
        bare=pl.when("han").then(pl.col("key").str.replace(han_ending, "")).otherwise(pl.coalesce("region", "bare")),
        designation=pl.when("han")
        .then(ends)
        .when(pl.col("region").is_not_null())
        .then(pl.lit("city"))
        .when(pl.col("bare") != pl.col("meant"))
        .then(named),
        loose=pl.col("meant").str.replace_all(" ", "").str.replace_all("([aou])e", "$1"),
        initials=pl.when(several).then(pl.col("meant").str.replace_all(r"(\S)\S* ?", "$1")),
        acronym=pl.when(is_acronym(pl.col("name"))).then(pl.col("key").str.replace_all(" ", "")),
    )


def compare_words(ours: str, theirs: str, our_letters: str, their_letters: str) -> tuple[float, str]:
    """Return how similar two folded names are, and how.

    `beginning`: one is three words or more, with which the other begins, and what follows does not make it a part of
    the first; `within`: the same, elsewhere; `part`: the one has the words of the other, and more; `similar`: each
    word is alike; `words`: some word is another one.

    Args:
        ours: The words of our name that carry meaning.
        theirs: Those of theirs.
        our_letters: The letters of our name alone.
        their_letters: Those of theirs.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415 - only where names differ
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    a, b = ours.split(), theirs.split()
    letters = Indel.normalized_similarity(our_letters, their_letters)
    found = max(letters, fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b))) / 100)
    short, long = (a, b) if len(set(a)) <= len(set(b)) else (b, a)
    if set(short) < set(long):
        share = len(" ".join(short)) / len(" ".join(long))
        value = max(found, 0.8 + 0.15 * share) if len(short) > 1 else min(found, 0.9)
        if len(short) < 3 or _PARTS.intersection(set(long) - set(short)) or _names_country(set(long) - set(short)):
            return value, "part"
        return value, "beginning" if long[: len(short)] == short else "within"
    left, right = [one for one in a if one not in b], [one for one in b if one not in a]
    alike = len(left) == len(right) and all(
        max(Indel.normalized_similarity(one, other) for other in right) >= _SPELLING for one in left
    )
    if alike or letters >= 0.97:
        return min(found, 0.96), "similar"
    return min(found, 0.79 if _PARTS.intersection(left) != _PARTS.intersection(right) else 0.87), "words"


def _names_country(words: set[str]) -> bool:
    """Return whether one of some words, or all of them, are the name of a country."""
    known = find_countries(pl.Series([*sorted(words), " ".join(sorted(words))], dtype=pl.String))
    return any(one is not None and len(one) == 2 and one.isupper() for one in known)


def _without(text: pl.Expr, words: str) -> pl.Expr:
    """Let go some words, unless nothing would be left."""
    rest = text.str.replace_all(rf"\b(?:{words})\b", "").str.replace_all(" +", " ").str.strip_chars()
    return pl.when(rest != "").then(rest).otherwise(text)


def _fold(name: pl.Expr) -> pl.Expr:
    """Fold width, case and accents; marks become spaces, and those inside of words nothing."""
    folded = name.str.normalize("NFKD").str.replace_all("[\u0300-\u036f]", "").str.normalize("NFKC").str.to_lowercase()
    folded = folded.str.replace_many(list(_LETTERS), list(_LETTERS.values())).str.replace_all(_NOT_IN_NAME, "")
    return folded.str.replace_all("&", " and ").str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
