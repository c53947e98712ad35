"""Makes a project that is linked to a Wikibase of its own: the example of a league of harbours, and items for it.

Its Wikibase is made up, and so are all its numbers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conftest import ROOT

ENTITY = "https://wikibase.example/entity/"
LEAGUE, ALDER, SALTMOUTH, PORTS = "Q10", "Q11", "Q12", "Q20"
INSTANCE, FOUNDED, SEAT, MEMBER, COUNT, THEME = "P1", "P2", "P3", "P4", "P5", "P6"
START, END, AT = "P10", "P11", "P12"
ADDRESS, TITLE, RETRIEVED, QUOTATION = "P20", "P21", "P22", "P23"
DATATYPES = {
    INSTANCE: "wikibase-item", FOUNDED: "time", SEAT: "wikibase-item", MEMBER: "wikibase-item", COUNT: "quantity",
    THEME: "wikibase-item", START: "time", END: "time", AT: "time", ADDRESS: "url", TITLE: "monolingualtext",
    RETRIEVED: "time", QUOTATION: "monolingualtext",
}  # fmt: skip
TABLE = f"""kind,ours,theirs,datatype,unit,values,note
wikibase,name,Harbour Wikibase,,,,
wikibase,entity,{ENTITY},,,,
property,instance-of,{INSTANCE},wikibase-item,,,
property,schema:foundingDate,{FOUNDED},time,,one,
property,schema:location,{SEAT},wikibase-item,,one,
property,schema:memberOf,{MEMBER},wikibase-item,,many,
property,league:memberCount,{COUNT},quantity,,one,
property,schema:knowsAbout,{THEME},wikibase-item,,many,
qualifier,start,{START},time,,,
qualifier,end,{END},time,,,
qualifier,point-in-time,{AT},time,,,
reference,url,{ADDRESS},url,,,
reference,title,{TITLE},monolingualtext,,,
reference,retrieved,{RETRIEVED},time,,,
reference,quotation,{QUOTATION},monolingualtext,,,
class,league:City,Q100,,,,
class,league:Theme,Q101,,,,
"""
LINKED = ("league", "alder", "saltmouth")
LINKS = """#curie_map:
#  league: "https://harbours.example/id/"
#  wb: "https://wikibase.example/entity/"
#mapping_set_id: "https://harbours.example/id/mapping/wikibase"
#license: "https://creativecommons.org/publicdomain/zero/1.0/"
subject_id	predicate_id	object_id	mapping_justification
"""


def make_linked(
    folder: Path, *, api: str = "", rest: str = "", sparql: str = "", linked: tuple[str, ...] = LINKED
) -> Path:
    """Make the project in a folder.

    Args:
        folder: The folder.
        api: The action API of its Wikibase.
        rest: Its REST API.
        sparql: Its query service.
        linked: Which things are linked.
    """
    shutil.copytree(ROOT / "examples" / "document-claims", folder)
    places = (("api", api), ("rest", rest), ("sparql", sparql))
    rows = "".join(f"wikibase,{name},{address},,,,\n" for name, address in places if address)
    (folder / "data" / "wikidata.csv").write_text(TABLE + rows, encoding="utf-8")
    things = {"league": ("organization/harbour-league", LEAGUE), "alder": ("place/port-alder", ALDER)}
    things |= {"saltmouth": ("place/saltmouth", SALTMOUTH), "ports": ("theme/clean-ports", PORTS)}
    lines = [f"league:{thing}\tskos:exactMatch\twb:{item}\tsemapv:ManualMappingCuration\n"
             for name, (thing, item) in things.items() if name in linked]  # fmt: skip
    (folder / "data" / "links").mkdir()
    (folder / "data" / "links" / "wikibase.sssom.tsv").write_text(LINKS + "".join(lines), encoding="utf-8")
    return folder


def snak(number: str, value: Any) -> dict[str, Any]:
    """Write a snak: of an item by its number, a year or day, a count, or a text."""
    datatype = DATATYPES[number]
    if datatype == "wikibase-item":
        found: Any = {"entity-type": "item", "numeric-id": int(value[1:]), "id": value}
        kind = "wikibase-entityid"
    elif datatype == "time":
        precision = {4: 9, 7: 10, 10: 11}[len(value)]
        kind, whole = "time", value + {9: "-00-00", 10: "-00", 11: ""}[precision]
        found = {"time": f"+{whole}T00:00:00Z", "timezone": 0, "before": 0, "after": 0, "precision": precision,
                 "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}  # fmt: skip
    elif datatype == "quantity":
        kind, found = "quantity", {"amount": f"+{value}", "unit": "1"}
    else:
        kind, found = "string", value
    return {
        "snaktype": "value", "property": number, "datavalue": {"value": found, "type": kind}, "datatype": datatype
    }  # fmt: skip


def claim(
    item: str, number: str, value: Any, *, rank: str = "normal", sourced: bool = True, **qualifiers: str
) -> dict[str, Any]:
    """Write a statement as the action API does."""
    kinds = {"start": START, "end": END, "at": AT}
    reference = {"hash": "0" * 40, "snaks": {ADDRESS: [snak(ADDRESS, "https://example.org/league")]}}
    uuid = uuid5(NAMESPACE_URL, f"{item} {number} {value} {rank}")
    return {
        "type": "statement",
        "id": f"{item}${uuid}",
        "rank": rank,
        "mainsnak": snak(number, value),
        "qualifiers": {kinds[name]: [snak(kinds[name], text)] for name, text in qualifiers.items()},
        "references": [reference] if sourced else [],
    }


def entity(number: str, label: str, *claims: dict[str, Any]) -> dict[str, Any]:
    """Write an item as the action API does."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for one in claims:
        grouped.setdefault(one["mainsnak"]["property"], []).append(one)
    labels = {"en": {"language": "en", "value": label}}
    modified = "2026-11-01T00:00:00Z"
    return {"type": "item", "id": number, "lastrevid": 7, "modified": modified, "labels": labels, "claims": grouped}


def property_entity(number: str, datatype: str = "") -> dict[str, Any]:
    """Write a property as the action API does."""
    return {"type": "property", "id": number, "datatype": datatype or DATATYPES[number], "labels": {}, "claims": {}}


def list_entities() -> list[dict[str, Any]]:
    """List what the Wikibase has of the league and its members, and all properties."""
    return [
        entity(
            LEAGUE,
            "Harbour League",
            claim(LEAGUE, FOUNDED, "1987-03-01", sourced=False),
            claim(LEAGUE, SEAT, ALDER, end="2014"),
            claim(LEAGUE, COUNT, "33", at="2024"),
            claim(LEAGUE, THEME, PORTS),
            claim(LEAGUE, MEMBER, "Q99", rank="deprecated"),
        ),
        entity(ALDER, "Port Alder", claim(ALDER, MEMBER, LEAGUE, sourced=False)),
        entity(SALTMOUTH, "Saltmouth"),
        *map(property_entity, DATATYPES),
    ]
