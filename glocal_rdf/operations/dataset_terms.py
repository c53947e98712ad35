"""Checks the common properties of a dataset: terms that their vocabularies do not have, and values of the wrong kind.

DCMI Metadata Terms and DCAT are closed lists, so that a name which is not in them is a mistake. Of schema.org only the
names near those that describe datasets are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import DCAT, DCTERMS, SCHEMA, SCHEMA_HTTPS, XSD
from glocal_rdf.spelling import nearest_name
from glocal_rdf.xsd.datatypes import is_valid

__all__ = ["check_common_properties"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# https://www.dublincore.org/specifications/dublin-core/dcmi-terms/#section-2
_DCMI: Final = _names(
    "abstract accessRights accrualMethod accrualPeriodicity accrualPolicy alternative audience available "
    "bibliographicCitation conformsTo contributor coverage created creator date dateAccepted dateCopyrighted "
    "dateSubmitted description educationLevel extent format hasFormat hasPart hasVersion identifier "
    "instructionalMethod isFormatOf isPartOf isReferencedBy isReplacedBy isRequiredBy isVersionOf issued language "
    "license mediator medium modified provenance publisher references relation replaces requires rights "
    "rightsHolder source spatial subject tableOfContents temporal title type valid"
)
# https://www.w3.org/TR/vocab-dcat-3/#RDF-representation
_DCAT: Final = _names(
    "accessService accessURL bbox byteSize catalog centroid compressFormat contactPoint dataset distribution "
    "downloadURL endDate endpointDescription endpointURL first hadRole hasCurrentVersion hasVersion inCatalog "
    "inSeries isVersionOf keyword landingPage last mediaType next packageFormat prev previousVersion "
    "qualifiedRelation record resource seriesMember service servesDataset spatialResolutionInMeters startDate "
    "temporalResolution theme themeTaxonomy version"
)
# What schema.org/Dataset is usually described with.
_SCHEMA: Final = _names(
    "about abstract alternateName author citation contactPoint contentUrl contributor copyrightHolder creator "
    "creditText dateCreated dateModified datePublished description distribution identifier inLanguage "
    "includedInDataCatalog isAccessibleForFree isBasedOn isPartOf keywords license maintainer measurementTechnique "
    "name publisher sameAs spatialCoverage temporalCoverage url usageInfo variableMeasured version"
)
_CLOSED: Final = {DCTERMS: _DCMI, DCAT: _DCAT}
_NEAR: Final = 0.8
"""How near a name of schema.org must be to one of these to count as misspelt; it has hundreds of others."""

_RESOURCES: Final = {
    f"{DCTERMS}license", f"{SCHEMA}license", f"{SCHEMA_HTTPS}license", f"{DCAT}landingPage", f"{DCTERMS}publisher",
    f"{DCAT}contactPoint",
}  # fmt: skip
"""Properties whose values are resources."""

_DATES: Final = {
    *(f"{DCTERMS}{name}" for name in ("issued", "modified", "created", "available")),
    *(
        f"{space}{name}"
        for space in (SCHEMA, SCHEMA_HTTPS)
        for name in ("dateCreated", "dateModified", "datePublished")
    ),
}
_DATE_TYPES: Final = ("date", "dateTime", "gYearMonth", "gYear")


def check_common_properties(annotations: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Yield a warning for each property of a dataset or table that is misspelt, and each value of the wrong kind.

    Args:
        annotations: The common properties after normalization: IRI to value.
        where: The description that they are in, with what they describe.
    """

    def warn(what: str, hint: str) -> Problem:
        file = where.partition(": ")[0]
        return Problem(where, what, hint, kind="common property", level="warning", file=file)

    for iri, value in annotations.items():
        if (misspelt := _find_misspelling(iri)) is not None:
            name, hint = misspelt
            yield warn(f"{name!r} is not a term of its vocabulary", hint)
        for one in value if isinstance(value, list) else [value]:
            text = one.get("@value") if isinstance(one, dict) else one
            if not isinstance(text, str):
                continue
            if iri in _RESOURCES and "://" in text:
                yield warn(f"{_shorten(iri)}: {text!r} is a text, not a link", f'write {{"@id": "{text}"}}')
            if iri in _DATES:
                given = one.get("@type", "") if isinstance(one, dict) else ""
                names = [given.removeprefix(XSD)] if given.removeprefix(XSD) in _DATE_TYPES else list(_DATE_TYPES)
                found = next((name for name in names if _is_date(text, name)), None)
                if found is None:
                    yield warn(f"{_shorten(iri)}: {text!r} is not a date", "write YYYY-MM-DD, YYYY-MM or YYYY")
                elif not given:
                    hint = f'write {{"@value": "{text}", "@type": "xsd:{found}"}}'
                    yield warn(f"{_shorten(iri)}: {text!r} is a text, not a date", hint)


def _is_date(text: str, name: str) -> bool:
    import polars as pl  # noqa: PLC0415 - only dates

    return bool(is_valid(pl.Series([text]), name)[0])


def _find_misspelling(iri: str) -> tuple[str, str] | None:
    """Return the name of a property that its vocabulary does not have, with a hint; None for all others."""
    for namespace, known in _CLOSED.items():
        name = iri.removeprefix(namespace)
        if name != iri and name not in known:
            near = nearest_name(name, known)
            return _shorten(iri), f"did you mean {_shorten(namespace + near)}?" if near else "look it up there"
    for namespace in (SCHEMA, SCHEMA_HTTPS):
        name = iri.removeprefix(namespace)
        if name != iri and name not in _SCHEMA:
            near = nearest_name(name, _SCHEMA, cutoff=_NEAR)
            if near is not None and near.lower().rstrip("s") != name.lower():
                return _shorten(iri), f"did you mean {_shorten(namespace + near)}?"
    return None


def _shorten(iri: str) -> str:
    """Write an IRI with the prefix that descriptions of tables use for it."""
    prefixes = {DCTERMS: "dc", DCAT: "dcat", SCHEMA: "schema"}
    for namespace, prefix in prefixes.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
