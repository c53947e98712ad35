"""Compares pairs feature by feature: 1 agrees, 0 contradicts, null is unknown. Features are kept apart, and not summed.

The name is compared in four ways, the best of which counts: equal when folded; equal without the words for a kind of
place; equal in letters; similar (rapidfuzz: by letters, by sorted words, and as a part of the longer name).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from glocal_rdf.lazy import pl
from glocal_rdf.linking.countries import TERRITORIES, find_countries
from glocal_rdf.linking.names import compare_words, fold_names, guess_language, is_acronym
from glocal_rdf.linking.things import Things

__all__ = ["FEATURES", "compare_pairs"]

FEATURES: Final = ("name", "country", "type", "year", "site", "coordinates", "identifier")
"""The features, in the order in which they are shown."""

_BROAD: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Q515", "Q486972", "Q56061", "Q6256", "city", "town", "municipality", "country", "settlement",
                     "county", "district", "place", "region"), "place"),
    **dict.fromkeys(("Q43229", "Q484652", "Q245065", "Q79913", "Q783794", "Q327333", "organization", "organisation",
                     "nonprofit", "government", "company", "education", "healthcare", "facility", "archive", "funder",
                     "citynetwork", "network", "intergovernmentalorganization"), "organization"),
}  # fmt: skip
"""Classes of which no thing is in both: places, and organizations (items as in Wikidata)."""

_FINE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("city", "town", "municipality", "q515"), "city"),
    **dict.fromkeys(("region", "state", "province", "canton", "prefecture"), "region"),
}
"""Classes of places of which no thing is in both, where a registry tells them apart."""

_EVERYBODY: Final = ("facebook.com", "twitter.com", "x.com", "wikipedia.org", "github.com", "google.com", "youtube.com",
                     "linkedin.com", "instagram.com", "wordpress.com", "archive.org", "sites.google.com")  # fmt: skip
"""Hosts where everybody can have a page."""

_LANGUAGE_LABELS: Final = "en|fr|es|ar|zh|zh-hant|zh-hans|ru|de|pt|it|ja|ko|nl|english|www"
"""What stands before a host for one of its languages; some are codes of countries too: it is not quite the same."""

_EXACT: Final = 0.97
_ALIKE: Final = 0.88
"""The similarity from which on names in two languages are not just translations of each other."""


def compare_pairs(
    ours: Things,
    theirs: Things,
    pairs: pl.DataFrame,
    shared: Collection[str] = (),
    shared_pages: Collection[str] = (),
) -> pl.DataFrame:
    """Compare pairs.

    Args:
        ours: What to link.
        theirs: The candidates.
        pairs: `thing` and `candidate`.
        shared: Hosts that several things of the snapshot have, which identify none.
        shared_pages: Pages of which the same holds.

    Returns:
        The pairs with a column for each feature from 0 to 1; `how` the names agree, `our_name`, `their_name`, `lang`,
        `words` (how much of a name there is), `designation` (0 where one is a city and the other a county), `foreign`
        (whether all names are in other languages or scripts); `km`; `shared`, whether the site that agrees is one of
        several things; and `home`, whether both have one front page, which nobody else has.
    """
    found = _compare_names(ours, theirs, pairs)
    left, right = ours.frame.rename(lambda n: f"a_{n}"), theirs.frame.rename(lambda n: f"b_{n}")
    found = found.join(left, left_on="thing", right_on="a_row").join(right, left_on="candidate", right_on="b_row")
    ignored = [*shared, *_EVERYBODY]
    common = pl.col("a_hosts").list.set_intersection("b_hosts")
    site = _overlap("a_hosts", "b_hosts")
    nested = pl.col("a_hosts").list.join(" ").str.ends_with("." + pl.col("b_hosts").list.first()) | pl.col(
        "b_hosts"
    ).list.join(" ").str.ends_with("." + pl.col("a_hosts").list.first())
    spoken = nested & (_other_language("a_hosts", "b_hosts") | _other_language("b_hosts", "a_hosts"))
    pages = pl.col("a_pages").list.set_intersection("b_pages")
    own = pages.list.eval(~pl.element().is_in([*shared_pages, *_EVERYBODY])).list.any()
    front = ~pl.element().is_in([*shared_pages, *_EVERYBODY]) & ~pl.element().str.contains("/", literal=True)
    # Two pages of one portal, such as those of ministries, are two sites.
    inner = [
        pl.col(f"{side}_pages").list.eval(pl.element().str.contains("/", literal=True)).list.all() for side in "ab"
    ]
    parts = (site == 1) & (pages.list.len() == 0) & inner[0] & inner[1]
    km = _distance()
    gap = (pl.col("a_year") - pl.col("b_year")).abs()
    year = pl.when(gap == 0).then(1.0).when(gap > 1).then(0.0)
    found = found.with_columns(
        country=_compare_countries(),
        type=_compare_types(),
        year=year,
        site=pl.when((site == 0) & spoken).then(0.75).when((site == 0) & nested).then(None).otherwise(site),
        shared=(site == 1) & common.list.eval(pl.element().is_in(ignored)).list.all() & ~own.fill_null(False) | parts,
        home=pages.list.eval(front).list.any().fill_null(False),
        km=km,
    )
    near = (
        pl.when(km <= 10).then(1.0).when(km <= 30).then(0.8).when(km <= 60).then(0.5).when(km <= 150).then(0.2)
        .when(km.is_not_null()).then(0.0)
    )  # fmt: skip
    found = found.with_columns(coordinates=near).join(
        _compare_identifiers(ours, theirs, pairs), on=["thing", "candidate"], how="left"
    )
    kept = (
        "thing",
        "candidate",
        *FEATURES,
        "how",
        "our_name",
        "their_name",
        "lang",
        "words",
        "designation",
        "main",
        "key",
        "foreign",
        "km",
        "shared",
        "home",
    )
    found = found.with_columns(pl.col("b_label").fill_null(pl.col("their_name")))
    found = found.with_columns(bracket=pl.when(_is_qualified()).then(_bracket()))
    found = found.with_columns(bracketed=find_countries(found["bracket"]))
    return found.select(
        *kept, id="b_id", label="b_label", qualified=pl.col("bracket").is_not_null(), countries="a_countries",
        at_home=pl.col("a_countries").list.contains(pl.col("bracketed")).fill_null(False),
        abroad=pl.col("bracketed").str.contains("^[A-Z]{2}$").fill_null(False), place=_is_place(),
        at_lat="b_lat",
        at_lon="b_lon",
    )  # fmt: skip


def _bracket() -> pl.Expr:
    return pl.col("b_label").str.extract(r"\(([^()]+)\)\s*$")


def _is_qualified() -> pl.Expr:
    """Return whether their label adds in brackets what ours does not have: `Frankfurt (Oder)`, but not `… (UNESCO)`."""
    bracket = _bracket()
    both = pl.concat_str(pl.col("our_name"), pl.lit(" "), pl.col("their_name"))
    within = pl.col("their_name").str.contains(bracket, literal=True) | both.str.contains(r"[(（]")
    return (bracket.is_not_null() & ~is_acronym(bracket) & ~within).fill_null(False)


def _is_place() -> pl.Expr:
    """Return whether nothing says that either is an organization."""
    kind = pl.element().str.to_lowercase().str.replace_all(r"[\s_-]", "")
    kind = kind.replace_strict({name.lower(): kind for name, kind in _BROAD.items()}, default=None)
    return ~pl.any_horizontal((pl.col(f"{side}_types").list.eval(kind == "organization").list.any()).fill_null(False)
                              for side in "ab")  # fmt: skip


def _overlap(ours: str, theirs: str) -> pl.Expr:
    """Return 1 where two lists have a value in common, 0 where they have none, null where one is empty."""
    known = (pl.col(ours).list.len() > 0) & (pl.col(theirs).list.len() > 0)
    return pl.when(known).then((pl.col(ours).list.set_intersection(theirs).list.len() > 0).cast(pl.Float64))


def _other_language(longer: str, shorter: str) -> pl.Expr:
    """Return whether a host is another one below a label for a language: `fr.unesco.org` and `unesco.org`."""
    below = pl.concat_str(pl.col(longer).list.first().str.extract(rf"^(?:{_LANGUAGE_LABELS})\.(.+\..+)$"))
    return (below == pl.col(shorter).list.first()).fill_null(False)


def _compare_countries() -> pl.Expr:
    """Return 1 for a country in common, 0 for other countries; what is not a country of ISO 3166 is not another one.

    A territory agrees with the state that it belongs to, though not quite: Nouméa is in New Caledonia, and in France.
    """
    whole = pl.element().replace(TERRITORIES)
    direct = _overlap("a_countries", "b_countries")
    parents = [pl.col(f"{side}_countries").list.eval(whole) for side in "ab"]
    belongs = (pl.col("a_countries").list.set_intersection(parents[1]).list.len() > 0) | (
        parents[0].list.set_intersection("b_countries").list.len() > 0
    )
    same = pl.when((direct == 0) & belongs).then(0.9).otherwise(direct)
    coded = [pl.col(f"{side}_countries").list.eval(pl.element().str.len_chars() == 2).list.any() for side in "ab"]
    return pl.when(same > 0).then(same).when(coded[0] & coded[1]).then(0.0)


def _compare_types() -> pl.Expr:
    """Return 1 for a type in common, 0 for a place beside an organization, null otherwise: subclasses are not known."""
    same = _overlap("a_types", "b_types")
    apart = _are_apart({name.lower(): kind for name, kind in _BROAD.items()}) | _are_apart(_FINE)
    return pl.when(same == 1).then(1.0).when(apart).then(0.0)


def _are_apart(kinds: Mapping[str, str]) -> pl.Expr:
    """Return whether both sides have types of some kinds, and none in common."""
    folded = pl.element().str.to_lowercase().str.replace_all(r"[\s_-]", "")
    kind = folded.replace_strict(dict(kinds), default=None, return_dtype=pl.String).drop_nulls()
    a, b = (pl.col(f"{side}_types").list.eval(kind) for side in "ab")
    return (a.list.len() > 0) & (b.list.len() > 0) & (a.list.set_intersection(b).list.len() == 0)


def _distance() -> pl.Expr:
    """Return the distance of the coordinates in kilometres (haversine)."""
    a_lat, b_lat = pl.col("a_lat").radians(), pl.col("b_lat").radians()
    half = ((b_lat - a_lat) / 2).sin() ** 2
    half = half + a_lat.cos() * b_lat.cos() * ((pl.col("b_lon").radians() - pl.col("a_lon").radians()) / 2).sin() ** 2
    return 2 * 6371.0 * half.clip(0, 1).sqrt().arcsin()


def _compare_identifiers(ours: Things, theirs: Things, pairs: pl.DataFrame) -> pl.DataFrame:
    """Compare identifiers scheme by scheme: 1 where some agree and none differ, 0 the other way, null where both do."""

    def schemes(things: Things, row: str, value: str) -> pl.DataFrame:
        parts = things.frame.select(pl.col("row").alias(row), text="identifiers").explode("text").drop_nulls()
        scheme = pl.col("text").str.extract("^([^:]*):")
        return parts.select(row, scheme=scheme, value="text").group_by(row, "scheme").agg(pl.col("value").alias(value))

    both = pairs.join(schemes(ours, "thing", "a"), on="thing").join(
        schemes(theirs, "candidate", "b"), on=["candidate", "scheme"]
    )
    agree = pl.col("a").list.set_intersection("b").list.len() > 0
    verdict = pl.when(agree.all()).then(1.0).when(~agree.any()).then(0.0)
    return both.group_by("thing", "candidate").agg(identifier=verdict)


def _compare_names(ours: Things, theirs: Things, pairs: pl.DataFrame) -> pl.DataFrame:
    """Compare all names of each pair, and keep the best."""
    forms = ("name", "key", "meant", "sorted", "bare", "designation", "loose", "initials", "acronym")

    def named(things: Things, row: str, side: str) -> pl.DataFrame:
        folded = fold_names(things.names["name"]).select(forms)
        names = things.names.join(folded, on="name").with_columns(
            language=guess_language(pl.col("key"), pl.col("lang"))
        )
        carried = (*forms, "lang", "language", "kind")
        return names.select(pl.col("row").alias(row), *(pl.col(name).alias(f"{side}_{name}") for name in carried))

    def a(name: str) -> pl.Expr:
        return pl.col(f"a_{name}")

    def b(name: str) -> pl.Expr:
        return pl.col(f"b_{name}")

    every = pairs.join(named(ours, "thing", "a"), on="thing").join(named(theirs, "candidate", "b"), on="candidate")
    same_kind = a("designation").eq_missing(b("designation"))
    half = (a("designation").is_null() | b("designation").is_null()) & ~same_kind
    city = pl.coalesce(a("designation"), b("designation")) == "city"
    bare = (a("bare") == b("bare")) & (a("bare") != "")
    apart = bare & ~same_kind & ~half
    # El Reno is not Reno: of one word, the article is a part of the name.
    article = (a("key") != b("key")) & ~a("meant").str.contains(" ", literal=True) & (a("designation").is_null())
    # Ciudad Juárez is not Juárez for sure, but 台北市 is 台北, and Bucheon-si is Bucheon.
    in_han = b("key").str.contains(r"^\p{Han}+$| (?:shi|si)$")
    with_word = b("designation").is_not_null() & ~in_han
    similarity = (
        pl.when(a("key") == b("key")).then(1.0)
        .when((a("sorted") == b("sorted")) & article).then(0.9).when(a("sorted") == b("sorted")).then(1.0)
        .when(bare & same_kind).then(1.0).when(bare & half & city & ~with_word & (b("kind") == "label")).then(0.99)
        .when(bare & half & city & ~in_han).then(0.95)
        .when(bare & half & city).then(0.99).when(bare & half).then(0.85)
        .when(apart).then(0.3)
        .when(a("loose") == b("loose")).then(0.97)
        .when((a("acronym") == b("initials")) | (a("initials") == b("acronym"))).then(0.7)
        .otherwise(None)
    )  # fmt: skip
    how = (
        pl.when(similarity >= 0.98).then(pl.lit("equal")).when(apart).then(pl.lit("kind"))
        .when(similarity == 0.97).then(pl.lit("letters")).when(similarity == 0.7).then(pl.lit("initials"))
        .when(similarity.is_not_null()).then(pl.lit("bare"))
    )  # fmt: skip
    is_acronym = a("acronym").is_not_null() & b("acronym").is_not_null()
    han = a("key").str.count_matches(r"\p{Han}")
    meant = pl.when(similarity == 0.99).then(a("bare")).otherwise(a("meant"))
    words = pl.max_horizontal(meant.str.count_matches(r"\S+").cast(pl.Float64), han / 2.0)
    every = every.with_columns(
        name=similarity, how=pl.when(is_acronym & (similarity == 1)).then(pl.lit("acronym")).otherwise(how),
        designation=pl.when(apart).then(0.0), main=b("kind") == "label",
        words=pl.when(is_acronym).then((a("acronym").str.len_chars() - 5.0).clip(-3, 0)).otherwise(words),
    )  # fmt: skip
    # Ours is in a language in which they have no name, and theirs are known to be in another one.
    spelt = every.filter((b("kind") != "acronym") & (a("kind") != "acronym") & b("acronym").is_null())
    apart_in_script = a("language").str.len_chars().eq(4) | b("language").str.len_chars().eq(4)
    other = (a("language") != b("language")).fill_null(value=apart_in_script.fill_null(False))
    same = (a("language") == b("language")).fill_null(False)
    foreign = spelt.group_by("thing", "candidate").agg(foreign=other.any() & ~same.any())
    best = pl.col("name").max().over("thing", "candidate")
    open_pairs = every.filter(best.fill_null(0) < _EXACT, pl.col("name").is_null())
    every = every.filter(pl.col("name").is_not_null())
    if open_pairs.height:
        different = open_pairs.select("a_meant", "b_meant", "a_loose", "b_loose").unique()
        scores = [compare_words(*row) for row in different.iter_rows()]
        kinds = {"name": pl.Float64, "how": pl.String}
        scored = different.hstack(pl.DataFrame(scores, schema=kinds, orient="row"))
        open_pairs = open_pairs.drop("name", "how").join(scored, on=list(different.columns))
        every = pl.concat([every, open_pairs.select(every.columns)])
    order = every.sort(
        ["thing", "candidate", "name", "words", "main", "a_name", "b_name"],
        descending=[False, False, True, True, True, False, False],
    )
    best_names = order.unique(["thing", "candidate"], keep="first", maintain_order=True).select(
        "thing", "candidate", "name", "how", "words", "designation", "main", our_name="a_name", their_name="b_name",
        key=pl.when(a("sorted") == b("sorted")).then(a("sorted")).otherwise(a("bare")), lang="a_lang",
    )  # fmt: skip
    found = best_names.join(foreign, on=["thing", "candidate"], how="left", maintain_order="left")
    return found.with_columns(foreign=pl.col("foreign").fill_null(False) & (pl.col("name") < _ALIKE))
