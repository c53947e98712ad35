"""Describes a published dataset by DCAT-US 3.0, the profile of DCAT of the United States, as `data.json`.

The keys are those of its JSON Schema; a context of JSON-LD makes them terms of RDF, so that SHACL can check them.

https://github.com/GSA/dcat-us
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from glocal_rdf.i18n import pick
from glocal_rdf.namespaces import DCAT, DCTERMS, FOAF, IANA_MEDIA, SKOS, SPDX, VCARD, XSD, local_name, term
from glocal_rdf.publish.catalogue.authority import find_scheme
from glocal_rdf.publish.catalogue.model import Catalogue, Dump
from glocal_rdf.publish.catalogue.schema_org import list_keywords

__all__ = ["describe_in_dcat_us"]

_LINK: Final = "@id"
CONTEXT: Final[Mapping[str, Any]] = {
    "Catalog": f"{DCAT}Catalog",
    "Checksum": f"{SPDX}Checksum",
    "Concept": f"{SKOS}Concept",
    "ConceptScheme": f"{SKOS}ConceptScheme",
    "Dataset": f"{DCAT}Dataset",
    "Distribution": f"{DCAT}Distribution",
    "Document": f"{FOAF}Document",
    "Kind": f"{VCARD}Kind",
    "Organization": f"{FOAF}Organization",
    "PeriodOfTime": f"{DCTERMS}PeriodOfTime",
    "Standard": f"{DCTERMS}Standard",
    "accessURL": {"@id": f"{DCAT}accessURL", "@type": _LINK},
    "byteSize": {"@id": f"{DCAT}byteSize", "@type": f"{XSD}nonNegativeInteger"},
    "compressFormat": f"{DCAT}compressFormat",
    "conformsTo": f"{DCTERMS}conformsTo",
    "contactPoint": f"{DCAT}contactPoint",
    "dataset": f"{DCAT}dataset",
    "description": f"{DCTERMS}description",
    "distribution": f"{DCAT}distribution",
    "downloadURL": {"@id": f"{DCAT}downloadURL", "@type": _LINK},
    "endDate": f"{DCAT}endDate",
    "fn": f"{VCARD}fn",
    "hasEmail": {"@id": f"{VCARD}hasEmail", "@type": _LINK},
    "identifier": f"{DCTERMS}identifier",
    "inScheme": f"{SKOS}inScheme",
    "issued": f"{DCTERMS}issued",
    "keyword": f"{DCAT}keyword",
    "landingPage": f"{DCAT}landingPage",
    "language": f"{DCTERMS}language",
    "license": f"{DCTERMS}license",
    "mediaType": f"{DCAT}mediaType",
    "modified": f"{DCTERMS}modified",
    "name": f"{FOAF}name",
    "packageFormat": f"{DCAT}packageFormat",
    "prefLabel": f"{SKOS}prefLabel",
    "publisher": f"{DCTERMS}publisher",
    "startDate": f"{DCAT}startDate",
    "temporal": f"{DCTERMS}temporal",
    "theme": f"{DCAT}theme",
    "title": f"{DCTERMS}title",
    "version": f"{DCAT}version",
}


def describe_in_dcat_us(catalogue: Catalogue) -> dict[str, Any]:
    """Return the description of a catalogue that has one dataset.

    Args:
        catalogue: What is known of the dataset.
    """
    lang = catalogue.languages[0]
    common = {
        "title": pick(catalogue.titles, lang),
        "description": pick(catalogue.descriptions, lang),
        "license": catalogue.licence,
        "language": list(dict.fromkeys(tag[:2] for tag in catalogue.languages if len(tag.partition("-")[0]) == 2)),
        "issued": catalogue.date("issued"),
        "modified": catalogue.date("modified"),
    }
    publisher = catalogue.publisher
    dataset = {
        "@id": catalogue.iri,
        "@type": "Dataset",
        "identifier": catalogue.iri,
        **common,
        "publisher": {"@id": publisher.iri, "@type": "Organization", "name": pick(publisher.names, lang)}
        if publisher
        else {},
        "contactPoint": _describe_contact(catalogue, lang),
        "keyword": list_keywords(catalogue, lang),
        "theme": [_describe_theme(one[1:-1]) for one in catalogue.about.objects(term(DCAT, "theme"))],
        "landingPage": {"@id": catalogue.page, "@type": "Document", "title": pick(catalogue.titles, lang)},
        "version": catalogue.about.text("version", lang),
        "temporal": _describe_period(catalogue),
        "conformsTo": [{"@id": catalogue.ontology, "@type": "Standard", "title": local_name(catalogue.ontology)}]
        if catalogue.ontology
        else [],
        "distribution": [_describe_distribution(catalogue, dump, lang) for dump in catalogue.dumps],
    }
    return {
        "@context": dict(CONTEXT),
        "@id": catalogue.part("catalogue"),
        "@type": "Catalog",
        **_drop_empty(common),
        "conformsTo": {"@type": "Standard", "title": "DCAT-US 3.0"},
        "dataset": [_drop_empty(dataset)],
    }


def _drop_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _describe_contact(catalogue: Catalogue, lang: str) -> dict[str, Any]:
    contact = catalogue.contact
    if contact is None:
        return {}
    return _drop_empty({"@type": "Kind", "fn": pick(contact.names, lang), "hasEmail": contact.email})


def _describe_theme(iri: str) -> dict[str, Any]:
    scheme = find_scheme(iri)
    inside = {"@id": scheme, "@type": "ConceptScheme", "title": local_name(scheme)} if scheme else {}
    return _drop_empty({"@id": iri, "@type": "Concept", "prefLabel": local_name(iri), "inScheme": inside})


def _describe_period(catalogue: Catalogue) -> list[dict[str, Any]]:
    period = catalogue.period
    return [{"@type": "PeriodOfTime", "startDate": period.start[0], "endDate": period.end[0]}] if period else []


def _describe_distribution(catalogue: Catalogue, dump: Dump, lang: str) -> dict[str, Any]:
    packing = "compressFormat" if dump.packed.endswith("gzip") else "packageFormat"
    return _drop_empty(
        {
            "@id": catalogue.part(dump.name),
            "@type": "Distribution",
            "title": pick(dump.titles, lang),
            "description": pick(dump.descriptions, lang),
            "accessURL": catalogue.page,
            "downloadURL": catalogue.address(dump.path),
            "mediaType": dump.media_type,
            packing: IANA_MEDIA + dump.packed if dump.packed else "",
            "byteSize": str(dump.size),
            "license": dump.licences[0] if len(dump.licences) == 1 else "; ".join(dump.licences),
        }
    )
