"""Describes a published dataset by schema.org, as search engines read it, and by Croissant 1.1, as learning tools do.

https://developers.google.com/search/docs/appearance/structured-data/dataset
https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import CR, DCAT, DCTERMS, PROV, SCHEMA_HTTPS, term
from glocal_rdf.publish.catalogue.model import FOLDER, Agent, Catalogue, Dump, Table
from glocal_rdf.triples import terms

__all__ = ["describe_in_croissant", "describe_in_schema_org", "list_keywords"]

_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": SCHEMA_HTTPS,
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": CR,
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": DCTERMS,
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": PROV,
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": SCHEMA_HTTPS,
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES: Final[Mapping[str, str]] = {
    "anyURI": "sc:URL",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "dateTime": "sc:DateTime",
    "decimal": "sc:Float",
    "double": "sc:Float",
    "float": "sc:Float",
    "integer": "sc:Integer",
    "nonNegativeInteger": "sc:Integer",
    "number": "sc:Float",
    "positiveInteger": "sc:Integer",
}
"""Types of Croissant for datatypes of CSV on the Web; all others are texts."""


def describe_in_schema_org(catalogue: Catalogue, lang: str) -> dict[str, Any]:
    """Return the description of a dataset for its page in a language.

    Args:
        catalogue: What is known of the dataset.
        lang: The language of the page.
    """
    return (
        {"@context": SCHEMA_HTTPS.rstrip("/"), "@type": "Dataset"}
        | _describe(catalogue, lang)
        | {
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": pick(dump.titles, lang),
                    "contentUrl": catalogue.address(dump.path),
                    "encodingFormat": dump.media_type,
                    "contentSize": f"{dump.size} B",
                    "sha256": dump.sha256,
                }
                for dump in catalogue.dumps
            ]
        }
    )


def _describe(catalogue: Catalogue, lang: str) -> dict[str, Any]:
    """Return what a dataset of schema.org and one of Croissant have in common."""
    period = catalogue.period
    found: dict[str, Any] = {
        "@id": catalogue.iri,
        "name": pick(catalogue.titles, lang),
        "description": pick(catalogue.descriptions, lang),
        "url": catalogue.page,
        "license": catalogue.licence,
        "identifier": catalogue.iri,
        "version": catalogue.about.text("version", lang),
        "keywords": list_keywords(catalogue, lang),
        "inLanguage": list(catalogue.languages),
        "publisher": _describe_agent(catalogue.publisher, lang),
        "creator": [_describe_agent(one, lang) for one in catalogue.creators],
        "datePublished": catalogue.date("issued"),
        "dateModified": catalogue.date("modified"),
        "temporalCoverage": f"{period.start[0]}/{period.end[0]}" if period else "",
        "spatialCoverage": [
            {"@type": "Place", "@id": one[1:-1]}
            for one in catalogue.about.objects(term(DCTERMS, "spatial"))
            if one.startswith("<")
        ],
        "isBasedOn": [one.source or one.iri for one in catalogue.sources],
    }
    return {name: value for name, value in found.items() if value}


def list_keywords(catalogue: Catalogue, lang: str) -> list[str]:
    """Return the keywords of a dataset in a language; all of them where none is in it.

    Args:
        catalogue: What is known of the dataset.
        lang: The language.
    """
    words = catalogue.about.objects(term(DCAT, "keyword"))
    own = [one for one in words if one.endswith(f'"@{lang}')]
    return [terms.unquote(one) for one in own or words]


def _describe_agent(agent: Agent | None, lang: str) -> dict[str, Any]:
    if agent is None:
        return {}
    found = {"@type": "Organization", "@id": agent.iri, "name": pick(agent.names, lang), "url": agent.url}
    return {name: value for name, value in found.items() if value}


def describe_in_croissant(catalogue: Catalogue) -> dict[str, Any]:
    """Return the description of a dataset with the records of its tables.

    Args:
        catalogue: What is known of the dataset.
    """
    lang = catalogue.languages[0]
    files = [_describe_file(catalogue, dump, lang) for dump in catalogue.dumps]
    files += [_describe_file(catalogue, table.dump, lang) for table in catalogue.tables]
    head = {"@context": dict(_CONTEXT, **{"@language": lang}), "@type": "sc:Dataset"}
    about = _describe(catalogue, lang)
    # A version of Croissant is one of semantic versioning, and an author is asked for.
    if not re.fullmatch(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?", about.get("version", "")):
        about.pop("version", None)
    if "creator" not in about and "publisher" in about:
        about["creator"] = [about["publisher"]]
    return (
        head
        | about
        | {
            "conformsTo": f"{CR}1.1",
            "citeAs": catalogue.cite(lang),
            "isLiveDataset": False,
            "distribution": files,
            "recordSet": [_describe_records(table, lang) for table in catalogue.tables],
        }
    )


def _describe_file(catalogue: Catalogue, dump: Dump, lang: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": dump.name,
        "name": dump.path.removeprefix(f"{FOLDER}/"),
        "description": pick(dump.descriptions, lang),
        "contentUrl": catalogue.address(dump.path),
        "contentSize": f"{dump.size} B",
        "encodingFormat": dump.packed or dump.media_type,
        "sha256": dump.sha256,
    }


def _describe_records(table: Table, lang: str) -> dict[str, Any]:
    name = table.dump.name
    return {
        "@type": "cr:RecordSet",
        "@id": f"{name}-records",
        "name": f"{name}-records",
        "description": pick(table.titles, lang),
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}-records/{_make_id(column)}",
                "name": f"{name}-records/{_make_id(column)}",
                "description": title,
                "dataType": _TYPES.get(datatype, "sc:Text"),
                "source": {"fileObject": {"@id": name}, "extract": {"column": title}},
            }
            for column, title, datatype in table.columns
        ],
    }


def _make_id(name: str) -> str:
    """Make a part of an identifier of the name of a column: mlcroissant takes no spaces in it, encoded or not."""
    return re.sub(r"[^\w.-]+", "_", unquote(name))
