"""Describes a published dataset by DCAT-AP 3.0.1, the profile of DCAT of the catalogues in Europe, and its provenance.

The values that the profile takes from tables of the European Union are described too (their class and their table), as
its shapes look at that. What the project's metadata does not state is left out.

https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from __future__ import annotations

from typing import Final

from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import (
    DCAT,
    DCATAP,
    DCTERMS,
    EU,
    FOAF,
    IANA_MEDIA,
    PROV,
    RDFS_LABEL,
    SKOS,
    SPDX,
    VCARD,
    VOID,
    local_name,
    term,
)
from glocal_rdf.publish.catalogue.authority import find_licence_type, language_iri
from glocal_rdf.publish.catalogue.model import Agent, Catalogue, Dump
from glocal_rdf.publish.catalogue.statements import Statements
from glocal_rdf.publish.catalogue.versions import SHA256, KeptFile, link_version
from glocal_rdf.triples import Triples

__all__ = ["describe_in_dcat"]

_TITLE: Final = term(DCTERMS, "title")
_DESCRIPTION: Final = term(DCTERMS, "description")
_GZIP: Final = "application/gzip"
_COPIED: Final = ("accrualPeriodicity", "accessRights", "isReferencedBy", "relation")
"""Terms of DCMI whose links are described as the metadata has them."""


def describe_in_dcat(catalogue: Catalogue) -> Triples:
    """Return the description of a catalogue that has one dataset, with its distributions.

    Args:
        catalogue: What is known of the dataset.
    """
    told = Statements()
    _describe_catalogue(told, catalogue)
    _describe_dataset(told, catalogue)
    for dump in catalogue.dumps:
        part = catalogue.part(dump.name)
        _describe_distribution(told, catalogue, dump, part)
        told.link(part, term(DCAT, "accessURL"), catalogue.page)
        _describe_dates(told, catalogue, part)
    _describe_versions(told, catalogue)
    for agent in {agent.iri: agent for agent in _agents(catalogue)}.values():
        _describe_agent(told, agent)
    _describe_services(told, catalogue)
    _describe_provenance(told, catalogue)
    return told.triples


def _agents(catalogue: Catalogue) -> list[Agent]:
    return [*([catalogue.publisher] if catalogue.publisher else []), *catalogue.creators]


def _describe_catalogue(told: Statements, catalogue: Catalogue) -> None:
    this = catalogue.part("catalogue")
    told.type(this, term(DCAT, "Catalog"))
    told.text(this, _TITLE, catalogue.titles)
    told.text(this, _DESCRIPTION, catalogue.descriptions)
    _describe_common(told, catalogue, this)
    _describe_dates(told, catalogue, this)
    told.link(this, term(FOAF, "homepage"), f"{catalogue.base}index.html")
    told.type(f"{catalogue.base}index.html", term(FOAF, "Document"))
    told.link(this, term(DCAT, "dataset"), catalogue.iri)
    scheme = f"{EU}data-theme"
    told.link(this, term(DCAT, "themeTaxonomy"), scheme)
    told.type(scheme, term(SKOS, "ConceptScheme"))
    told.text(scheme, _TITLE, {"en": "data-theme"})


def _describe_common(told: Statements, catalogue: Catalogue, this: str) -> None:
    """Describe what a catalogue and its dataset have in common."""
    about = catalogue.about
    if catalogue.publisher:
        told.link(this, term(DCTERMS, "publisher"), catalogue.publisher.iri)
    for tag in catalogue.languages:
        if iri := language_iri(tag):
            told.link(this, term(DCTERMS, "language"), iri)
            told.concept(iri, {"en": _name_language(tag)}, term(DCTERMS, "LinguisticSystem"))
    if catalogue.licence:
        _describe_licence(told, catalogue.licence)
        told.link(this, term(DCTERMS, "license"), catalogue.licence)
    for value in about.objects(term(DCTERMS, "spatial")):
        if value.startswith("<"):
            told.copy(this, term(DCTERMS, "spatial"), [value])
            told.type(value[1:-1], term(DCTERMS, "Location"))
            for name in ("bbox", "centroid"):
                told.copy(value[1:-1], term(DCAT, name), about.describe(value).get(term(DCAT, name), ()))
    if period := catalogue.period:
        when = catalogue.part("period")
        told.link(this, term(DCTERMS, "temporal"), when)
        told.type(when, term(DCTERMS, "PeriodOfTime"))
        told.value(when, term(DCAT, "startDate"), *period.start)
        told.value(when, term(DCAT, "endDate"), *period.end)


def _describe_dates(told: Statements, catalogue: Catalogue, this: str) -> None:
    for name in ("issued", "modified"):
        told.copy(this, term(DCTERMS, name), catalogue.about.objects(term(DCTERMS, name)))


def _describe_dataset(told: Statements, catalogue: Catalogue) -> None:
    this, about = catalogue.iri, catalogue.about
    told.type(this, term(DCAT, "Dataset"))
    told.text(this, _TITLE, catalogue.titles)
    _describe_common(told, catalogue, this)
    _describe_dates(told, catalogue, this)
    _describe_content(told, catalogue, this)
    told.copy(this, term(DCAT, "version"), about.objects(term(DCAT, "version")))
    for name in _COPIED:
        links = [one for one in about.objects(term(DCTERMS, name)) if one.startswith("<")]
        told.copy(this, term(DCTERMS, name), links)
        for one in links:
            if name == "accrualPeriodicity":
                told.concept(one[1:-1], {"en": local_name(one)}, term(DCTERMS, "Frequency"))
            elif name == "accessRights":
                told.concept(one[1:-1], {"en": local_name(one)}, term(DCTERMS, "RightsStatement"))
    _describe_page(told, this, catalogue.page)
    if catalogue.ontology:
        told.link(this, term(DCTERMS, "conformsTo"), catalogue.ontology)
        told.type(catalogue.ontology, term(DCTERMS, "Standard"))
    for dump in catalogue.dumps:
        told.link(this, term(DCAT, "distribution"), catalogue.part(dump.name))


def _describe_content(told: Statements, catalogue: Catalogue, this: str) -> None:
    """Describe what a dataset and each version of it have in common: makers, keywords, themes, contact."""
    about = catalogue.about
    told.text(this, _DESCRIPTION, catalogue.descriptions)
    for creator in catalogue.creators:
        told.link(this, term(DCTERMS, "creator"), creator.iri)
    told.copy(this, term(DCAT, "keyword"), about.objects(term(DCAT, "keyword")))
    told.text(this, term(DCTERMS, "identifier"), this)
    for theme in about.objects(term(DCAT, "theme")):
        told.copy(this, term(DCAT, "theme"), [theme])
        told.concept(theme[1:-1], {"en": local_name(theme)})
    if contact := catalogue.contact:
        node = catalogue.part("contact")
        told.link(this, term(DCAT, "contactPoint"), node)
        told.type(node, term(VCARD, "Kind"), term(VCARD, "Organization"))
        told.text(node, term(VCARD, "fn"), contact.names)
        told.link(node, term(VCARD, "hasEmail"), contact.email)
        told.link(node, term(VCARD, "hasURL"), contact.url)


def _describe_page(told: Statements, this: str, page: str) -> None:
    told.link(this, term(DCAT, "landingPage"), page)
    told.type(page, term(FOAF, "Document"))


def _describe_versions(told: Statements, catalogue: Catalogue) -> None:
    """Describe the released versions as datasets of their own, with the files that hold the whole graph of each."""
    for version in catalogue.versions:
        this = version.iri
        link_version(told, version, catalogue.iri)
        told.text(this, _TITLE, {lang: f"{title} {version.version}" for lang, title in catalogue.titles.items()})
        _describe_common(told, catalogue, this)
        _describe_content(told, catalogue, this)
        _describe_page(told, this, f"{catalogue.address(version.path)}.html")
        for file in version.dumps:
            part = version.part(catalogue.base, file)
            told.link(this, term(DCAT, "distribution"), part)
            _describe_distribution(told, catalogue, _read_dump(catalogue, file), part)
            told.link(part, term(DCAT, "accessURL"), f"{catalogue.address(version.path)}.html")
            told.value(part, term(DCTERMS, "issued"), version.issued, "date")


def _read_dump(catalogue: Catalogue, file: KeptFile) -> Dump:
    """Return what is known of a file with the whole graph of a version."""
    turtle = file.media_type == "text/turtle"
    text = translatable("The whole data graph: statements, claims with their passages, and links.")
    return Dump(
        name=file.name,
        path=file.path,
        titles=dict.fromkeys(catalogue.languages, "Turtle" if turtle else "N-Triples"),
        descriptions={lang: message(lang, text) for lang in catalogue.languages},
        media_type=file.media_type,
        file_type="RDF_TURTLE" if turtle else "RDF_N_TRIPLES",
        content=b"",
        size=file.size,
        sha256=file.sha256,
        packed=_GZIP if file.is_packed else "",
        licences=(catalogue.licence,) if catalogue.licence else (),
    )


def _describe_distribution(told: Statements, catalogue: Catalogue, dump: Dump, this: str) -> None:
    address = catalogue.address(dump.path)
    told.type(this, term(DCAT, "Distribution"))
    told.text(this, _TITLE, dump.titles)
    told.text(this, _DESCRIPTION, dump.descriptions)
    told.link(this, term(DCAT, "downloadURL"), address)
    code = f"{EU}file-type/{dump.file_type}"
    told.link(this, term(DCTERMS, "format"), code)
    told.concept(code, {"en": dump.file_type}, term(DCTERMS, "MediaTypeOrExtent"))
    _describe_media(told, this, "mediaType", dump.media_type)
    if dump.packed:
        _describe_media(told, this, "compressFormat" if dump.packed == _GZIP else "packageFormat", dump.packed)
    told.value(this, term(DCAT, "byteSize"), dump.size, "nonNegativeInteger")
    checksum = f"{this}-checksum"
    told.link(this, term(SPDX, "checksum"), checksum)
    told.type(checksum, term(SPDX, "Checksum"))
    told.link(checksum, term(SPDX, "algorithm"), SHA256)
    told.type(SHA256, term(SPDX, "ChecksumAlgorithm"))
    told.value(checksum, term(SPDX, "checksumValue"), dump.sha256, "hexBinary")
    if dump.standard:
        told.link(this, term(DCTERMS, "conformsTo"), dump.standard)
        told.type(dump.standard, term(DCTERMS, "Standard"))
    for value in catalogue.about.objects(term(DCATAP, "availability")):
        told.copy(this, term(DCATAP, "availability"), [value])
        told.concept(value[1:-1], {"en": local_name(value)})
    _describe_rights(told, catalogue, dump, this)


def _describe_rights(told: Statements, catalogue: Catalogue, dump: Dump, this: str) -> None:
    """Describe under which licence a file is: its own, or the document that lists those of the graphs in it."""
    licences = dump.licences
    if len(licences) == 1:
        _describe_licence(told, licences[0])
        told.link(this, term(DCTERMS, "license"), licences[0])
    elif licences:
        each = catalogue.part("licences")
        told.link(this, term(DCTERMS, "license"), each)
        told.type(each, term(DCTERMS, "LicenseDocument"))
        told.text(each, _TITLE, {"en": "Each graph in the file has a licence of its own"})
        for licence in licences:
            told.link(each, term(DCTERMS, "hasPart"), licence)
            _describe_licence(told, licence)


def _describe_licence(told: Statements, licence: str) -> None:
    told.type(licence, term(DCTERMS, "LicenseDocument"))
    if kind := find_licence_type(licence):
        told.link(licence, term(DCTERMS, "type"), kind)
        told.concept(kind, {"en": local_name(kind)})


def _describe_media(told: Statements, this: str, name: str, media_type: str) -> None:
    iri = IANA_MEDIA + media_type
    told.link(this, term(DCAT, name), iri)
    told.type(iri, term(DCTERMS, "MediaType"))


def _describe_agent(told: Statements, agent: Agent) -> None:
    told.type(agent.iri, term(FOAF, "Agent"))
    told.text(agent.iri, term(FOAF, "name"), agent.names)
    if agent.kind:
        told.link(agent.iri, term(DCTERMS, "type"), agent.kind)
        told.concept(agent.kind, {"en": local_name(agent.kind)})


def _describe_services(told: Statements, catalogue: Catalogue) -> None:
    """Describe the SPARQL endpoint that the metadata names (void:sparqlEndpoint)."""
    for endpoint in catalogue.about.objects(term(VOID, "sparqlEndpoint")):
        this = catalogue.part("sparql")
        told.type(this, term(DCAT, "DataService"))
        told.text(this, _TITLE, {lang: f"{title} (SPARQL)" for lang, title in catalogue.titles.items()})
        told.copy(this, term(DCAT, "endpointURL"), [endpoint])
        told.copy(this, term(DCAT, "endpointDescription"), [endpoint])
        told.link(this, term(DCAT, "servesDataset"), catalogue.iri)
        told.link(catalogue.part("catalogue"), term(DCAT, "service"), this)


def _describe_provenance(told: Statements, catalogue: Catalogue) -> None:
    """Describe how the dataset was built, from which files and by which program (PROV-O)."""
    this, program = catalogue.part("build"), catalogue.part("program")
    told.link(catalogue.iri, term(PROV, "wasGeneratedBy"), this)
    told.type(this, term(PROV, "Activity"))
    told.text(this, RDFS_LABEL, {"en": "Tables and links to RDF, rules and validation"})
    told.link(this, term(PROV, "wasAssociatedWith"), program)
    told.type(program, term(PROV, "SoftwareAgent"))
    told.text(program, RDFS_LABEL, catalogue.program)
    for one in catalogue.inputs:
        file = catalogue.part(f"input-{one.path}")
        told.link(this, term(PROV, "used"), file)
        told.type(file, term(PROV, "Entity"))
        told.text(file, RDFS_LABEL, one.path)
        told.link(file, term(SPDX, "checksum"), f"{file}-checksum")
        told.type(f"{file}-checksum", term(SPDX, "Checksum"))
        told.link(f"{file}-checksum", term(SPDX, "algorithm"), SHA256)
        told.value(f"{file}-checksum", term(SPDX, "checksumValue"), one.sha256, "hexBinary")
    for source in catalogue.sources:
        told.link(this, term(PROV, "used"), source.iri)
        told.type(source.iri, term(PROV, "Entity"))
        told.text(source.iri, _TITLE, source.titles)
        told.link(source.iri, term(DCTERMS, "license"), source.licence)
        told.link(source.iri, term(PROV, "wasDerivedFrom"), source.source)


def _name_language(tag: str) -> str:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only where a site is published

    try:
        return Locale.parse(tag.partition("-")[0]).get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag
