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
    made = Statements()
    _describe_catalogue(made, catalogue)
    _describe_dataset(made, catalogue)
    for dump in catalogue.dumps:
        part = catalogue.part(dump.name)
        _describe_distribution(made, catalogue, dump, part)
        made.link(part, term(DCAT, "accessURL"), catalogue.page)
        _describe_dates(made, catalogue, part)
    _describe_versions(made, catalogue)
    for agent in {agent.iri: agent for agent in _agents(catalogue)}.values():
        _describe_agent(made, agent)
    _describe_services(made, catalogue)
    _describe_provenance(made, catalogue)
    return made.triples


def _agents(catalogue: Catalogue) -> list[Agent]:
    return [*([catalogue.publisher] if catalogue.publisher else []), *catalogue.creators]


def _describe_catalogue(made: Statements, catalogue: Catalogue) -> None:
    this = catalogue.part("catalogue")
    made.type(this, term(DCAT, "Catalog"))
    made.text(this, _TITLE, catalogue.titles)
    made.text(this, _DESCRIPTION, catalogue.descriptions)
    _describe_common(made, catalogue, this)
    _describe_dates(made, catalogue, this)
    made.link(this, term(FOAF, "homepage"), f"{catalogue.base}index.html")
    made.type(f"{catalogue.base}index.html", term(FOAF, "Document"))
    made.link(this, term(DCAT, "dataset"), catalogue.iri)
    scheme = f"{EU}data-theme"
    made.link(this, term(DCAT, "themeTaxonomy"), scheme)
    made.type(scheme, term(SKOS, "ConceptScheme"))
    made.text(scheme, _TITLE, {"en": "data-theme"})


def _describe_common(made: Statements, catalogue: Catalogue, this: str) -> None:
    """Describe what a catalogue and its dataset have in common."""
    about = catalogue.about
    if catalogue.publisher:
        made.link(this, term(DCTERMS, "publisher"), catalogue.publisher.iri)
    for tag in catalogue.languages:
        if iri := language_iri(tag):
            made.link(this, term(DCTERMS, "language"), iri)
            made.concept(iri, {"en": _name_language(tag)}, term(DCTERMS, "LinguisticSystem"))
    if catalogue.licence:
        _describe_licence(made, catalogue.licence)
        made.link(this, term(DCTERMS, "license"), catalogue.licence)
    for value in about.objects(term(DCTERMS, "spatial")):
        if value.startswith("<"):
            made.copy(this, term(DCTERMS, "spatial"), [value])
            made.type(value[1:-1], term(DCTERMS, "Location"))
            for name in ("bbox", "centroid"):
                made.copy(value[1:-1], term(DCAT, name), about.describe(value).get(term(DCAT, name), ()))
    if period := catalogue.period:
        when = catalogue.part("period")
        made.link(this, term(DCTERMS, "temporal"), when)
        made.type(when, term(DCTERMS, "PeriodOfTime"))
        made.value(when, term(DCAT, "startDate"), *period.start)
        made.value(when, term(DCAT, "endDate"), *period.end)


def _describe_dates(made: Statements, catalogue: Catalogue, this: str) -> None:
    for name in ("issued", "modified"):
        made.copy(this, term(DCTERMS, name), catalogue.about.objects(term(DCTERMS, name)))


def _describe_dataset(made: Statements, catalogue: Catalogue) -> None:
    this, about = catalogue.iri, catalogue.about
    made.type(this, term(DCAT, "Dataset"))
    made.text(this, _TITLE, catalogue.titles)
    _describe_common(made, catalogue, this)
    _describe_dates(made, catalogue, this)
    _describe_content(made, catalogue, this)
    made.copy(this, term(DCAT, "version"), about.objects(term(DCAT, "version")))
    for name in _COPIED:
        links = [one for one in about.objects(term(DCTERMS, name)) if one.startswith("<")]
        made.copy(this, term(DCTERMS, name), links)
        for one in links:
            if name == "accrualPeriodicity":
                made.concept(one[1:-1], {"en": local_name(one)}, term(DCTERMS, "Frequency"))
            elif name == "accessRights":
                made.concept(one[1:-1], {"en": local_name(one)}, term(DCTERMS, "RightsStatement"))
    _describe_page(made, this, catalogue.page)
    if catalogue.ontology:
        made.link(this, term(DCTERMS, "conformsTo"), catalogue.ontology)
        made.type(catalogue.ontology, term(DCTERMS, "Standard"))
    for dump in catalogue.dumps:
        made.link(this, term(DCAT, "distribution"), catalogue.part(dump.name))


def _describe_content(made: Statements, catalogue: Catalogue, this: str) -> None:
    """Describe what a dataset and each version of it have in common: makers, keywords, themes, contact."""
    about = catalogue.about
    made.text(this, _DESCRIPTION, catalogue.descriptions)
    for creator in catalogue.creators:
        made.link(this, term(DCTERMS, "creator"), creator.iri)
    made.copy(this, term(DCAT, "keyword"), about.objects(term(DCAT, "keyword")))
    made.text(this, term(DCTERMS, "identifier"), this)
    for theme in about.objects(term(DCAT, "theme")):
        made.copy(this, term(DCAT, "theme"), [theme])
        made.concept(theme[1:-1], {"en": local_name(theme)})
    if contact := catalogue.contact:
        node = catalogue.part("contact")
        made.link(this, term(DCAT, "contactPoint"), node)
        made.type(node, term(VCARD, "Kind"), term(VCARD, "Organization"))
        made.text(node, term(VCARD, "fn"), contact.names)
        made.link(node, term(VCARD, "hasEmail"), contact.email)
        made.link(node, term(VCARD, "hasURL"), contact.url)


def _describe_page(made: Statements, this: str, page: str) -> None:
    made.link(this, term(DCAT, "landingPage"), page)
    made.type(page, term(FOAF, "Document"))


def _describe_versions(made: Statements, catalogue: Catalogue) -> None:
    """Describe the released versions as datasets of their own, with the files that hold the whole graph of each."""
    for version in catalogue.versions:
        this = version.iri
        link_version(made, version, catalogue.iri)
        made.text(this, _TITLE, {lang: f"{title} {version.version}" for lang, title in catalogue.titles.items()})
        _describe_common(made, catalogue, this)
        _describe_content(made, catalogue, this)
        _describe_page(made, this, f"{catalogue.address(version.path)}.html")
        for file in version.dumps:
            part = version.part(catalogue.base, file)
            made.link(this, term(DCAT, "distribution"), part)
            _describe_distribution(made, catalogue, _read_dump(catalogue, file), part)
            made.link(part, term(DCAT, "accessURL"), f"{catalogue.address(version.path)}.html")
            made.value(part, term(DCTERMS, "issued"), version.issued, "date")


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


def _describe_distribution(made: Statements, catalogue: Catalogue, dump: Dump, this: str) -> None:
    address = catalogue.address(dump.path)
    made.type(this, term(DCAT, "Distribution"))
    made.text(this, _TITLE, dump.titles)
    made.text(this, _DESCRIPTION, dump.descriptions)
    made.link(this, term(DCAT, "downloadURL"), address)
    code = f"{EU}file-type/{dump.file_type}"
    made.link(this, term(DCTERMS, "format"), code)
    made.concept(code, {"en": dump.file_type}, term(DCTERMS, "MediaTypeOrExtent"))
    _describe_media(made, this, "mediaType", dump.media_type)
    if dump.packed:
        _describe_media(made, this, "compressFormat" if dump.packed == _GZIP else "packageFormat", dump.packed)
    made.value(this, term(DCAT, "byteSize"), dump.size, "nonNegativeInteger")
    checksum = f"{this}-checksum"
    made.link(this, term(SPDX, "checksum"), checksum)
    made.type(checksum, term(SPDX, "Checksum"))
    made.link(checksum, term(SPDX, "algorithm"), SHA256)
    made.type(SHA256, term(SPDX, "ChecksumAlgorithm"))
    made.value(checksum, term(SPDX, "checksumValue"), dump.sha256, "hexBinary")
    if dump.standard:
        made.link(this, term(DCTERMS, "conformsTo"), dump.standard)
        made.type(dump.standard, term(DCTERMS, "Standard"))
    for value in catalogue.about.objects(term(DCATAP, "availability")):
        made.copy(this, term(DCATAP, "availability"), [value])
        made.concept(value[1:-1], {"en": local_name(value)})
    _describe_rights(made, catalogue, dump, this)


def _describe_rights(made: Statements, catalogue: Catalogue, dump: Dump, this: str) -> None:
    """Describe under which licence a file is: its own, or the document that lists those of the graphs in it."""
    licences = dump.licences
    if len(licences) == 1:
        _describe_licence(made, licences[0])
        made.link(this, term(DCTERMS, "license"), licences[0])
    elif licences:
        each = catalogue.part("licences")
        made.link(this, term(DCTERMS, "license"), each)
        made.type(each, term(DCTERMS, "LicenseDocument"))
        made.text(each, _TITLE, {"en": "Each graph in the file has a licence of its own"})
        for licence in licences:
            made.link(each, term(DCTERMS, "hasPart"), licence)
            _describe_licence(made, licence)


def _describe_licence(made: Statements, licence: str) -> None:
    made.type(licence, term(DCTERMS, "LicenseDocument"))
    if kind := find_licence_type(licence):
        made.link(licence, term(DCTERMS, "type"), kind)
        made.concept(kind, {"en": local_name(kind)})


def _describe_media(made: Statements, this: str, name: str, media_type: str) -> None:
    iri = IANA_MEDIA + media_type
    made.link(this, term(DCAT, name), iri)
    made.type(iri, term(DCTERMS, "MediaType"))


def _describe_agent(made: Statements, agent: Agent) -> None:
    made.type(agent.iri, term(FOAF, "Agent"))
    made.text(agent.iri, term(FOAF, "name"), agent.names)
    if agent.kind:
        made.link(agent.iri, term(DCTERMS, "type"), agent.kind)
        made.concept(agent.kind, {"en": local_name(agent.kind)})


def _describe_services(made: Statements, catalogue: Catalogue) -> None:
    """Describe the SPARQL endpoint that the metadata names (void:sparqlEndpoint)."""
    for endpoint in catalogue.about.objects(term(VOID, "sparqlEndpoint")):
        this = catalogue.part("sparql")
        made.type(this, term(DCAT, "DataService"))
        made.text(this, _TITLE, {lang: f"{title} (SPARQL)" for lang, title in catalogue.titles.items()})
        made.copy(this, term(DCAT, "endpointURL"), [endpoint])
        made.copy(this, term(DCAT, "endpointDescription"), [endpoint])
        made.link(this, term(DCAT, "servesDataset"), catalogue.iri)
        made.link(catalogue.part("catalogue"), term(DCAT, "service"), this)


def _describe_provenance(made: Statements, catalogue: Catalogue) -> None:
    """Describe how the dataset was built, from which files and by which program (PROV-O)."""
    this, program = catalogue.part("build"), catalogue.part("program")
    made.link(catalogue.iri, term(PROV, "wasGeneratedBy"), this)
    made.type(this, term(PROV, "Activity"))
    made.text(this, RDFS_LABEL, {"en": "Tables and links to RDF, rules and validation"})
    made.link(this, term(PROV, "wasAssociatedWith"), program)
    made.type(program, term(PROV, "SoftwareAgent"))
    made.text(program, RDFS_LABEL, catalogue.program)
    for one in catalogue.inputs:
        file = catalogue.part(f"input-{one.path}")
        made.link(this, term(PROV, "used"), file)
        made.type(file, term(PROV, "Entity"))
        made.text(file, RDFS_LABEL, one.path)
        made.link(file, term(SPDX, "checksum"), f"{file}-checksum")
        made.type(f"{file}-checksum", term(SPDX, "Checksum"))
        made.link(f"{file}-checksum", term(SPDX, "algorithm"), SHA256)
        made.value(f"{file}-checksum", term(SPDX, "checksumValue"), one.sha256, "hexBinary")
    for source in catalogue.sources:
        made.link(this, term(PROV, "used"), source.iri)
        made.type(source.iri, term(PROV, "Entity"))
        made.text(source.iri, _TITLE, source.titles)
        made.link(source.iri, term(DCTERMS, "license"), source.licence)
        made.link(source.iri, term(PROV, "wasDerivedFrom"), source.source)


def _name_language(tag: str) -> str:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only where a site is published

    try:
        return Locale.parse(tag.partition("-")[0]).get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag
