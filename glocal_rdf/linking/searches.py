"""Finds candidates where they are asked for, not read: what to search for, and what the answers of services say.

A search finds identifiers, and the facts of the items are fetched then: a service's own score is not used, since it
takes unknown for different. What is asked is plain: names, and external identifiers; SPARQL 1.1 without services.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import EndpointError
from glocal_rdf.forms import HAN
from glocal_rdf.lazy import pl
from glocal_rdf.linking.records import IDENTIFIERS
from glocal_rdf.linking.things import Things, make_things
from glocal_rdf.namespaces import RDFS, SKOS, WD, WDT
from glocal_rdf.triples import terms

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = [
    "choose_version", "list_classes", "list_identifiers", "list_names", "names_items", "read_classes", "read_facts",
    "read_hits", "read_items", "write_classes_query", "write_facts_query", "write_identifier_query",
    "write_label_query", "write_queries",
]  # fmt: skip

MAX_NAMES: Final = 4
"""How many names of a thing are searched for: labels first."""

_HAN: Final = re.compile(f"[{HAN}]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_KANA: Final = re.compile("[\u3040-\u30ff]")
_HANGUL: Final = re.compile("[\uac00-\ud7af]")
_CHINESE: Final = ("zh", "zh-hant", "zh-hans", "zh-tw")
_ITEM: Final = re.compile(r"Q[1-9][0-9]{0,10}")
_POINT: Final = re.compile(r"(?i)point\((-?[0-9]+(?:\.[0-9]+)?) (-?[0-9]+(?:\.[0-9]+)?)\)")
_VALUE: Final = re.compile(r"[\w.:/+() -]{1,100}")


def list_names(things: Things) -> list[tuple[int, str, str]]:
    """List the names to search for, with the row of the thing and a language: the name's own, or one of its script."""
    kinds = pl.col("kind").replace_strict({"label": 0, "acronym": 2}, default=1, return_dtype=pl.Int64)
    ordered = things.names.with_columns(kinds.alias("order")).sort("row", "order", maintain_order=True)
    kept = ordered.group_by("row", maintain_order=True).head(MAX_NAMES)
    return [
        (row, form, _choose_language(name, lang or ""))
        for row, name, lang in kept.select("row", "name", "lang").iter_rows()
        for form in _list_forms(name[:250])
    ]


def _list_forms(name: str) -> list[str]:
    """Return a name as it is written, and a Chinese one in the other script too."""
    if not _HAN.search(name) or _KANA.search(name):
        return [name]
    return list(dict.fromkeys([name, *(converter.convert(name) for converter in _converters())]))


@cache
def _converters() -> tuple[OpenCC, ...]:
    from opencc import OpenCC  # noqa: PLC0415 - loads dictionaries

    return OpenCC("t2s"), OpenCC("s2tw")


def _choose_language(name: str, lang: str) -> str:
    for pattern, found in ((_KANA, "ja"), (_HANGUL, "ko"), (_HAN, "zh"), (_CYRILLIC, "ru")):
        if pattern.search(name):
            return lang.lower() if lang and found == "zh" and lang.lower() in (*_CHINESE, "ja") else found
    return lang.partition("-")[0].lower() if re.fullmatch(r"[A-Za-z]{2,3}(?:-.*)?", lang) else "en"


def list_identifiers(things: Things) -> list[tuple[str, str]]:
    """List the external identifiers of things, each with its property, as far as they can be asked for."""
    every = things.frame.select("identifiers").explode("identifiers").drop_nulls().unique().sort("identifiers")
    pairs = (text.partition(":")[::2] for text in every["identifiers"])
    return [(name, value) for name, value in pairs if name in IDENTIFIERS and _VALUE.fullmatch(value)]


def list_classes(things: Things) -> list[str]:
    """List the types of things that are items."""
    every = things.frame.select("types").explode("types").drop_nulls().unique().sort("types")
    return [one for one in every["types"] if _ITEM.fullmatch(one)]


def write_label_query(names: Iterable[tuple[str, str]], limit: int) -> str:
    """Write a query for the items that have a name as a label or alias.

    Args:
        names: Names with languages; those in Chinese are asked for in all of its codes, and every name as `mul`.
        limit: How many rows are asked for.
    """
    literals = dict.fromkeys(
        terms.quote(name, code)
        for name, lang in names
        for code in (*(_CHINESE if lang.startswith("zh") else (lang,)), "mul")
    )
    ways = f"<{RDFS}label>|<{SKOS}altLabel>"
    return (
        f"SELECT DISTINCT ?item WHERE {{ VALUES ?name {{ {' '.join(literals)} }} ?item {ways} ?name . }} LIMIT {limit}"
    )


def write_identifier_query(identifiers: Iterable[tuple[str, str]], limit: int) -> str:
    """Write a query for the items that have an external identifier.

    Args:
        identifiers: Properties and values.
        limit: How many rows are asked for.
    """
    rows = " ".join(f"(<{WDT}{name}> {terms.quote(value)})" for name, value in identifiers)
    values = f"VALUES (?property ?value) {{ {rows} }}"
    return f"SELECT DISTINCT ?item WHERE {{ {values} ?item ?property ?value . }} LIMIT {limit}"


def write_facts_query(items: Iterable[str], limit: int) -> str:
    """Write a query for what is compared of items.

    Args:
        items: The identifiers.
        limit: How many rows are asked for.
    """
    named = " ".join(f"<{WD}{item}>" for item in items)
    facts = " ".join(f"<{WDT}{name}>" for name in ("P17", "P31", "P571", "P625", "P856", *sorted(IDENTIFIERS)))
    return (
        f"SELECT ?item ?fact ?value WHERE {{ VALUES ?item {{ {named} }} "
        f"{{ VALUES ?fact {{ <{RDFS}label> <{SKOS}altLabel> }} ?item ?fact ?value . "
        'FILTER (LANG(?value) IN ("en", "mul", "zh", "zh-hant", "zh-hans", "zh-tw", "fr", "de", "es")) } '
        f"UNION {{ VALUES ?fact {{ {facts} }} ?item ?fact ?value . }} }} LIMIT {limit}"
    )


def write_classes_query(classes: Iterable[str], wanted: Iterable[str], limit: int) -> str:
    """Write a query for which classes are subclasses of some others, at whatever distance.

    Args:
        classes: The identifiers of classes.
        wanted: Those of the others.
        limit: How many rows are asked for.
    """
    ours, theirs = (" ".join(f"<{WD}{one}>" for one in many) for many in (classes, wanted))
    values = f"VALUES ?class {{ {ours} }} VALUES ?broader {{ {theirs} }}"
    return f"SELECT DISTINCT ?class ?broader WHERE {{ {values} ?class <{WDT}P279>* ?broader . }} LIMIT {limit}"


def read_classes(where: str, rows: Iterable[Mapping[str, Mapping[str, str]]]) -> list[tuple[str, str]]:
    """Read which classes are subclasses of others, as `write_classes_query` asks.

    Args:
        where: The endpoint.
        rows: The bindings.

    Raises:
        EndpointError: Where a row is not of that form.
    """
    pairs = [
        tuple(row.get(name, {}).get("value", "").removeprefix(WD) for name in ("class", "broader")) for row in rows
    ]
    if not all(_ITEM.fullmatch(one) for pair in pairs for one in pair):
        raise EndpointError.at(where, "answered with rows that are not classes", "check that it has Wikidata's data")
    return [(one, other) for one, other in pairs if one != other]


def read_items(where: str, rows: Iterable[Mapping[str, Mapping[str, str]]]) -> list[str]:
    """Read the items that a query found.

    Args:
        where: The endpoint.
        rows: The bindings.

    Raises:
        EndpointError: Where a row has no item.
    """
    found = []
    for row in rows:
        item = row.get("item", {}).get("value", "").removeprefix(WD)
        if not _ITEM.fullmatch(item):
            raise EndpointError.at(where, "answered with rows without items", "check that it has Wikidata's data")
        found.append(item)
    return found


def read_facts(where: str, rows: Iterable[Mapping[str, Mapping[str, str]]], first: int = 0) -> Things:
    """Read the facts of items that a query found.

    Args:
        where: The endpoint.
        rows: The bindings of `write_facts_query`.
        first: The number of the first item.

    Raises:
        EndpointError: Where a row is not of that form.
    """
    records: dict[str, dict[str, Any]] = {}
    for row in rows:
        item = row.get("item", {}).get("value", "").removeprefix(WD)
        fact, cell = row.get("fact", {}).get("value", ""), row.get("value", {})
        value = cell.get("value", "")
        if not _ITEM.fullmatch(item) or not fact or not value:
            raise EndpointError.at(where, "answered with rows that are not facts of items", "ask again")
        record = records.setdefault(
            item, {"id": item, "label": "", "names": [], "countries": [], "types": [], "sites": [], "identifiers": []}
        )
        _add_fact(record, fact, value, cell.get("xml:lang", ""))
    named = [record for record in records.values() if record["names"]]
    for record in named:
        record["label"] = record["label"] or record["names"][0][0]
    return make_things(named, first)


def _add_fact(record: dict[str, Any], fact: str, value: str, lang: str) -> None:
    name = fact.removeprefix(WDT)
    if fact == f"{RDFS}label":
        record["names"].append((value, lang, "label"))
        if lang == "en" or not record["label"]:
            record["label"] = value
    elif fact == f"{SKOS}altLabel":
        record["names"].append((value, lang, "alias"))
    elif name == "P17":
        record["countries"].append(value.removeprefix(WD))
    elif name == "P31":
        record["types"].append(value.removeprefix(WD))
    elif name == "P856":
        record["sites"].append(value)
    elif name == "P571" and (year := re.match(r"(-?\d{4})-", value)):
        record["year"] = int(year[1])
    elif name == "P625" and (point := _POINT.match(value)):
        record["lon"], record["lat"] = float(point[1]), float(point[2])
    elif name in IDENTIFIERS:
        record["identifiers"].append(f"{name}:{value}")


# Reconciliation Service API: 0.2, and the draft of 1.0 (https://www.w3.org/community/reconciliation/)


def names_items(manifest: Mapping[str, Any], entity: str) -> bool:
    """Return whether the identifiers of a service are those of a Wikibase, by its manifest.

    Version 0.2 has `identifierSpace` for that; the draft of 1.0 has the template `view` alone, which is that of the
    IRIs or of the pages.

    Args:
        manifest: The manifest.
        entity: What stands before identifiers in the IRIs of the Wikibase.
    """
    view = manifest.get("view")
    address = manifest.get("identifierSpace") or (view.get("url") if isinstance(view, dict) else "")
    place = re.sub(r"^https?://", "", address if isinstance(address, str) else "").replace("/wiki/", "/entity/")
    return place.partition("{")[0] == re.sub(r"^https?://", "", entity)


def choose_version(where: str, manifest: Any) -> str:
    """Return the version of the API to speak with a service: 0.2, which is final, where it has it, or the draft of 1.0.

    Args:
        where: The address of the service.
        manifest: Its manifest.

    Raises:
        EndpointError: Where it is not the manifest of a service, or of an unknown version.
    """
    if not isinstance(manifest, dict) or not isinstance(manifest.get("name"), str):
        raise EndpointError.at(where, "has no manifest of a reconciliation service", "check the address")
    versions = manifest.get("versions", ["0.1"])
    known = [one for one in versions if isinstance(one, str)] if isinstance(versions, list) else []
    if any(one in {"0.1", "0.2"} for one in known):
        return "0.2"
    if any(one.startswith("1.0") for one in known):
        return "1.0"
    named = ", ".join(known)[:80] or "no version"
    raise EndpointError.at(where, f"speaks {named} of the reconciliation API", "versions 0.2 and 1.0 are known")


def write_queries(version: str, queries: Sequence[tuple[str, str, str]], limit: int) -> Any:
    """Write a batch of queries in the form of a version.

    Args:
        version: `0.2` or `1.0`.
        queries: Names with their languages and types; the type may be empty.
        limit: How many candidates are asked for.
    """
    if version == "0.2":
        return {
            f"q{number}": {"query": name, "limit": limit, **({"type": kind, "type_strict": "should"} if kind else {})}
            for number, (name, _, kind) in enumerate(queries)
        }
    return {
        "queries": [
            {
                **({"type": kind} if kind else {}),
                "limit": limit,
                "lang": lang,
                "conditions": [{"matchType": "name", "propertyValue": name}],
            }
            for name, lang, kind in queries
        ]
    }


def read_hits(version: str, where: str, answer: Any, count: int) -> list[list[dict[str, Any]]]:
    """Read the candidates of a batch, each with `id`, `name`, its language `lang` (may be empty), and `types`.

    In the draft of 1.0 a candidate may come several times, with its names in several languages.

    Args:
        version: `0.2` or `1.0`.
        where: The address of the service.
        answer: What it answered.
        count: How many queries were sent.

    Raises:
        EndpointError: Where the answer is not of the version's form, or lacks the result of a query.
    """
    if version == "0.2":
        batches = [answer.get(f"q{n}") for n in range(count)] if isinstance(answer, dict) else []
        lists = [one.get("result") if isinstance(one, dict) else None for one in batches]
    else:
        results = answer.get("results") if isinstance(answer, dict) else None
        results = results if isinstance(results, list) else []
        lists = [one.get("candidates") if isinstance(one, dict) else None for one in results]
    if len(lists) != count or not all(isinstance(one, list) for one in lists):
        shown = json.dumps(answer)[:80]
        raise EndpointError.at(where, f"did not answer each of {count} queries: {shown}", "ask again with fewer rows")
    return [list(_read_candidates(where, one or [])) for one in lists]


def _read_candidates(where: str, found: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for one in found:
        fine = isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("name"), str)
        if not fine or not one["id"]:
            raise EndpointError.at(where, "answered with a candidate without id or name", "report it to the service")
        kinds = one.get("type", [])
        types = (
            [kind.get("id") if isinstance(kind, dict) else kind for kind in kinds] if isinstance(kinds, list) else []
        )
        lang = one["lang"] if isinstance(one.get("lang"), str) else ""
        yield {
            "id": one["id"],
            "name": one["name"],
            "lang": lang,
            "types": [one for one in types if isinstance(one, str)],
        }
