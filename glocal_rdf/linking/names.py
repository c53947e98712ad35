"""Folds names in columns so that their spellings compare equal, and lists the keys by which a name is found.

1. Width, case, accents and the scripts of Chinese are folded (NFKC, OpenCC), marks become spaces or nothing.
2. Words without meaning of their own (of, the, Ltd) are let go, and spellings of English are made one.
3. Words for a kind of place (city, county, 市, 縣) are set apart as the *designation*: `Hsinchu City` and `Hsinchu` may
   be one, `Hsinchu City` and `Hsinchu County` may not.
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.forms import HAN, fold_characters
from glocal_rdf.lazy import pl

__all__ = ["MAX_NAME_LENGTH", "fold_names", "is_acronym"]

MAX_NAME_LENGTH: Final = 300
"""How many characters of a name are compared."""

_LETTERS: Final = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_NOT_IN_NAME: Final = "['’‘`´ʻʼʹ′\"“”.·・‧]"
_STOP: Final = frozenset(
    "the of and for in on at to a an de la le les des du di del della dei da do dos das der die und et e y en el los las "
    "af og och van het von zu inc ltd limited llc gmbh ev asbl aisbl plc corp sa ag bv nv".split()
)
_SPELLINGS: Final = {"centre": "center", "programme": "program", "labour": "labor", "defence": "defense", "saint": "st"}
_DESIGNATIONS: Final = {
    "city": "city town municipality municipio commune comune ville ciudad stadt borough stad",
    "county": "county landkreis kreis comte condado shire",
    "district": "district arrondissement bezirk distrito",
    "province": "province prefecture state region provincia provinz oblast governorate",
    "government": "government council hall administration authority",
}
_HAN_DESIGNATIONS: Final = {
    "city": "市|都|鎮|镇", "county": "县|縣|郡", "district": "区|區|乡|鄉", "province": "省|州|府|道",
    "government": "市政府|县政府|政府",
}  # fmt: skip
_WORDS: Final = {word: kind for kind, words in _DESIGNATIONS.items() for word in words.split()}
_ACRONYM: Final = r"^\p{Lu}[\p{Lu}\d&\-]{1,9}$"


def is_acronym(name: pl.Expr) -> pl.Expr:
    """Return whether a name is written as an acronym: two to ten capital letters, and nothing else."""
    return name.str.contains(_ACRONYM)


def fold_names(names: pl.Series) -> pl.DataFrame:
    """Fold names, each once.

    Args:
        names: The names, as they are written.

    Returns:
        For each different name: `name`; `key`, its folded form; `tokens`, the words that carry meaning, in order;
        `sorted`, the same sorted and joined; `bare`, the key without designation; `designation`; `loose`, its letters
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
    words = pl.col("key").str.split(" ").list.eval(pl.element().replace(_SPELLINGS))
    words = words.list.eval(pl.element().str.replace(r"isation(s?)$", "ization$1"))
    meant = words.list.eval(pl.element().filter(~pl.element().is_in(list(_STOP)) & (pl.element() != "")))
    frame = frame.with_columns(tokens=pl.when(meant.list.len() > 0).then(meant).otherwise(words))
    kind = pl.element().replace_strict(_WORDS, default=None, return_dtype=pl.String)
    bare = pl.col("tokens").list.eval(pl.element().filter(kind.is_null())).list.join(" ")
    has_han = pl.col("key").str.contains(f"^[{HAN}]{{3,}}$")
    ends = pl.lit(None, pl.String)
    for name, endings in _HAN_DESIGNATIONS.items():
        ends = pl.when(pl.col("key").str.contains(f"(?:{endings})$")).then(pl.lit(name)).otherwise(ends)
    return frame.select(
        "name",
        "key",
        "tokens",
        sorted=pl.col("tokens").list.unique().list.sort().list.join(" "),
        bare=pl.when(has_han)
        .then(pl.col("key").str.replace(f"(?:{'|'.join(reversed(_HAN_DESIGNATIONS.values()))})$", ""))
        .otherwise(pl.when(bare != "").then(bare).otherwise(pl.col("tokens").list.join(" "))),
        designation=pl.when(has_han)
        .then(ends)
        .otherwise(pl.when(bare != "").then(pl.col("tokens").list.eval(kind.drop_nulls()).list.last()).otherwise(None)),
        loose=pl.col("tokens").list.join("").str.replace_all("([aou])e", "$1"),
        initials=pl.when(pl.col("tokens").list.len() > 2)
        .then(pl.col("tokens").list.eval(pl.element().str.slice(0, 1)).list.join(""))
        .otherwise(None),
        acronym=pl.when(is_acronym(pl.col("name"))).then(pl.col("key").str.replace_all(" ", "")).otherwise(None),
    )


def _fold(name: pl.Expr) -> pl.Expr:
    """Fold width, case and accents; marks become spaces, and those inside of words nothing."""
    folded = name.str.normalize("NFKD").str.replace_all("[\u0300-\u036f]", "").str.normalize("NFKC").str.to_lowercase()
    folded = folded.str.replace_many(list(_LETTERS), list(_LETTERS.values())).str.replace_all(_NOT_IN_NAME, "")
    return folded.str.replace_all("&", " and ").str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
