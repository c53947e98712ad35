"""Describes tables of claims in their new form (CSV on the Web), in the document that described the former one."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glocal_rdf.namespaces import EDTF, SKOS
from glocal_rdf.vocabulary import GLOCAL

__all__ = ["CURATED", "Layout", "describe_tables", "lay_out_table"]

CURATED: Final = ("rank", "reason", "contradicts", "by")
"""The columns of the table of what the curators say of claims, after the identifier."""

_PLACES: Final = {
    "value": "value",
    "bound": "",
    "pointInTime": "time",
    "start": "time",
    "end": "time",
    "passage": "passage",
    **dict.fromkeys(CURATED, ""),
}
"""Where cells go that do not stay in their column: to another column of claims, or none."""

_TEXTS: Final = {
    "value": (
        "value",
        "值",
        "The value, where it is a date in EDTF (2004-06, 199X), a number (12; >=12 for at least 12) or an address.",
        "值為 EDTF 日期（2004-06、199X）、數字（12；至少12為 >=12）或網址時填寫。",
    ),
    "time": (
        "time",
        "時間",
        "When the claim holds, in EDTF: a point in time (2006, 2016-10-11) or an interval (1997/2007, 2005-11/).",
        "主張成立的時間，以 EDTF 表示：時間點（2006、2016-10-11）或期間（1997/2007、2005-11/）。",
    ),
    "predicate": (
        "predicate",
        "述詞",
        "What is claimed, by its name in predicates.csv.",
        "所主張的屬性，以 predicates.csv 中的名稱表示。",
    ),
    "passage": (
        "passages",
        "段落",
        "Where the document says it; several passages, separated by a space, where one alone does not.",
        "文件何處如此陳述；單一段落不足時可填數個，以空格分隔。",
    ),
    "predicates.csv": (
        "Predicates",
        "述詞",
        "The short names of the properties that are claimed.",
        "所主張之屬性的簡稱。",
    ),
    "name": ("name", "名稱", "The name that claims use.", "主張所用的名稱。"),
    "iri": (
        "property",
        "屬性",
        "The property: a prefixed name of a standard vocabulary, or an IRI of our ontology.",
        "所指屬性：標準詞彙的前綴名稱，或本體的 IRI。",
    ),
    "range": (
        "datatype",
        "資料型別",
        "The datatype of its values in the column value; empty where values are things or words.",
        "value 欄中之值的資料型別；值為事物或文字者留空。",
    ),
    "curation.csv": (
        "Curation",
        "編審",
        "What the curators decide about claims: rank, contradictions, and claims of their own.",
        "編者對主張的判斷：等級、牴觸，以及編者自己的主張。",
    ),
    "id": ("claim", "主張", "The claim, by its identifier in claims.csv.", "主張，以 claims.csv 中的識別碼表示。"),
}
"""Titles and descriptions of what is new, in English and Chinese."""


@dataclass(frozen=True)
class Layout:
    """What the columns of a table of claims are for.

    Attributes:
        roles: What each column is for.
        ranges: The datatype of each column of values, as the table of predicates writes it.
    """

    roles: Mapping[str, str]
    ranges: Mapping[str, str]

    @property
    def is_former(self) -> bool:
        """Whether the table has the former form: a column for each datatype or each end of a time."""
        return bool(self.ranges or self.named("pointInTime") or self.named("start") or self.named("end"))

    @property
    def curated(self) -> tuple[str, ...]:
        """What the table says of claims that goes to the table of the curators."""
        return tuple(role for role in CURATED if self.named(role))

    def named(self, role: str) -> list[str]:
        """List the columns that are for something."""
        return [name for name, one in self.roles.items() if one == role]

    def place(self, name: str) -> str:
        """Return the column of claims that the cells of a column go to; empty where they go to none."""
        return _PLACES.get(self.roles.get(name, "kept"), name)


def describe_tables(
    document: Mapping[str, Any],
    claims: Mapping[str, Any],
    names: Sequence[Mapping[str, Any]],
    layout: Layout,
    header: Sequence[str],
) -> dict[str, Any]:
    """Describe the tables of claims in their new form.

    Args:
        document: The description of all tables.
        claims: The table of claims in it.
        names: The tables of names in it.
        layout: What the columns of claims are for.
        header: The columns that claims have now.
    """
    space = claims["tableSchema"]["aboutUrl"].partition("{")[0]
    own = {column["name"]: column for column in claims["tableSchema"]["columns"]}
    labelled = any("rdfs:label" in column for column in own.values())
    ontology = next(
        (
            url[: -len(role)]
            for name, role in layout.roles.items()
            if role in {"pointInTime", "start", "end"} and (url := own[name]["propertyUrl"]).endswith(role)
        ),
        GLOCAL,
    )

    def column(name: str, *, text: str = "", **properties: Any) -> dict[str, Any]:
        about = _label(text or name) if labelled else {}
        return {"name": name, "titles": name, **about, **properties}

    new = {
        "predicate": column(
            "predicate", required=True, propertyUrl="rdf:predicate", valueUrl=f"{space}predicate/{{predicate}}"
        ),
        "value": column("value", propertyUrl="rdf:object"),
        "time": column(
            "time",
            datatype={"@id": f"{EDTF}EDTF", "base": "string"},
            propertyUrl=f"{ontology}time",
        ),
    }
    columns = []
    for name in header:
        if name == layout.named("predicate")[0]:
            columns.append(new["predicate"] | {"name": name, "titles": own[name].get("titles", name)})
        elif name in new:
            columns.append(new[name])
        elif name == "passage":
            (first, *_) = layout.named("passage")
            about = _label("passage") if labelled else {}
            columns.append(own[first] | about | {"separator": " "})
        else:
            columns.append(own[name])
    virtual = [one for one in claims["tableSchema"]["columns"] if one.get("virtual")]
    keys = _list_keys(claims, layout)
    schema = claims["tableSchema"] | {"foreignKeys": keys, "columns": [*columns, *virtual]}
    tables = [_predicates(space, column, labelled=labelled)]
    if layout.curated:
        tables.append(_curation(claims, layout, column, labelled=labelled))
    made = copy.deepcopy(dict(document))
    found: list[dict[str, Any]] = []
    for table in document["tables"]:
        if table is claims:
            found += [dict(claims) | {"tableSchema": schema}, *tables]
        else:
            found.append(_with_short_labels(table) if any(table is one for one in names) else table)
    return made | {"tables": found}


def _label(name: str) -> dict[str, Any]:
    english, chinese, says, says_in_chinese = _TEXTS[name]
    return {"rdfs:label": _both(english, chinese), "dc:description": _both(says, says_in_chinese)}


def _title(name: str) -> dict[str, Any]:
    english, chinese, says, says_in_chinese = _TEXTS[name]
    return {"dc:title": _both(english, chinese), "dc:description": _both(says, says_in_chinese)}


def _both(english: str, chinese: str) -> list[dict[str, str]]:
    return [{"@value": english, "@language": "en"}, {"@value": chinese, "@language": "zh-Hant"}]


def _list_keys(claims: Mapping[str, Any], layout: Layout) -> list[dict[str, Any]]:
    """List the foreign keys of claims: those that they had, on the columns that they have now."""
    keys: list[dict[str, Any]] = []
    (predicate,) = layout.named("predicate")
    for key in claims["tableSchema"].get("foreignKeys", []):
        names = key["columnReference"]
        place = layout.place(names) if isinstance(names, str) else names
        moved = key | {"columnReference": place}
        if place and moved not in keys:
            keys.append(moved)
    reference = {"resource": "predicates.csv", "columnReference": "name"}
    return [*keys, {"columnReference": predicate, "reference": reference}]


def _predicates(space: str, column: Any, *, labelled: bool) -> dict[str, Any]:
    return {
        "url": "predicates.csv",
        **(_title("predicates.csv") if labelled else {}),
        "tableSchema": {
            "aboutUrl": f"{space}predicate/{{name}}",
            "primaryKey": "name",
            "columns": [
                column(
                    "name",
                    required=True,
                    datatype={"base": "string", "format": "[A-Za-z][A-Za-z0-9_-]*"},
                    suppressOutput=True,
                ),
                column("iri", required=True, propertyUrl="owl:sameAs", valueUrl="{+iri}"),
                column("range", propertyUrl="rdfs:range", valueUrl="{+range}"),
                {"name": "class", "virtual": True, "propertyUrl": "rdf:type", "valueUrl": "rdf:Property"},
            ],
        },
    }


def _curation(claims: Mapping[str, Any], layout: Layout, column: Any, *, labelled: bool) -> dict[str, Any]:
    """Describe the table of what the curators say of claims, by the columns that claims had for it."""
    schema = claims["tableSchema"]
    own = {one["name"]: one for one in schema["columns"]}
    (key,) = layout.named("id")
    moved = []
    for role in layout.curated:
        (name,) = layout.named(role)
        # An empty cell is a normal rank, which is derived for all claims alike.
        kept = {k: v for k, v in own[name].items() if k not in {"default", "name", "titles"}}
        moved.append({"name": role, "titles": role} | kept)
    names = {layout.named(role)[0]: role for role in layout.curated}
    keys = [
        one | {"columnReference": names[one["columnReference"]]}
        for one in schema.get("foreignKeys", [])
        if isinstance(one["columnReference"], str) and one["columnReference"] in names
    ]
    to_claim = {"columnReference": "id", "reference": {"resource": claims["url"], "columnReference": key}}
    identifier = {"datatype": own[key]["datatype"]} if "datatype" in own[key] else {}
    return {
        "url": "curation.csv",
        **(_title("curation.csv") if labelled else {}),
        "tableSchema": {
            "aboutUrl": schema["aboutUrl"].replace(f"{{+{key}}}", "{+id}"),
            "primaryKey": "id",
            "foreignKeys": [to_claim, *keys],
            "columns": [column("id", required=True, **identifier, suppressOutput=True), *moved],
        },
    }


def _with_short_labels(table: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a table of names whose predicates have no prefix."""
    columns = []
    for column in table["tableSchema"]["columns"]:
        one = column
        if str(one.get("valueUrl", "")).startswith("{+") and one.get("propertyUrl") == "rdf:predicate":
            form = one["datatype"] | {"format": str(one["datatype"]["format"]).removeprefix("skos:")}
            texts = {"dc:description": _plain(one["dc:description"])} if "dc:description" in one else {}
            one = one | {"datatype": form, "valueUrl": f"{SKOS}{{{one['name']}}}"} | texts
        columns.append(one)
    return dict(table) | {"tableSchema": table["tableSchema"] | {"columns": columns}}


def _plain(texts: list[dict[str, str]]) -> list[dict[str, str]]:
    return [text | {"@value": text["@value"].replace("skos:", "")} for text in texts]


def lay_out_table(table: Mapping[str, Any], indent: str = "  ") -> str:
    """Write the description of a table with each property and each column on a line of its own.

    Args:
        table: The description.
        indent: What stands before it.
    """
    lines = [f"{indent} {json.dumps(k)}: {_one_line(v)}" for k, v in table.items() if k != "tableSchema"]
    schema = table["tableSchema"]
    inner = [f"{indent}  {json.dumps(k)}: {_one_line(v)}" for k, v in schema.items() if k != "columns"]
    columns = ",\n".join(f"{indent}   {_one_line(column)}" for column in schema["columns"])
    inner.append(f'{indent}  "columns": [\n{columns}\n{indent}  ]')
    lines.append(f'{indent} "tableSchema": {{\n' + ",\n".join(inner) + f"\n{indent} }}")
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
