"""What is known of the released versions of a dataset, and how they are linked with it and with one another (DCAT).

https://www.w3.org/TR/vocab-dcat-3/#dataset-versions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from glocal_rdf.namespaces import DCAT, DCTERMS, IANA_MEDIA, OWL, SPDX, term
from glocal_rdf.publish.catalogue.statements import Statements

__all__ = ["RELEASES", "SHA256", "KeptFile", "Version", "describe_version", "link_version"]

RELEASES: Final = "releases"
"""The folder of the versions in a site."""

SHA256: Final = f"{SPDX.replace('http:', 'https:')}checksumAlgorithm_sha256"
"""The algorithm by the IRI that DCAT-AP's shapes ask for, though the namespace of SPDX is one of `http:`."""


class KeptFile(NamedTuple):
    """A file of a release, which the site has a copy of.

    Attributes:
        name: Its path within the release.
        path: Its path in the site.
        source: Where it is copied from.
        size: How many bytes it has.
        sha256: Their checksum, as the release states it.
    """

    name: str
    path: str
    source: Path
    size: int
    sha256: str

    @property
    def is_packed(self) -> bool:
        """Whether it is packed by gzip."""
        return self.name.endswith(".gz")

    @property
    def media_type(self) -> str:
        """The media type of a file with the whole graph, unpacked."""
        return "application/n-triples" if self.name.endswith(".nt.gz") else "text/turtle"


@dataclass(frozen=True, kw_only=True)
class Version:
    """A released version of a dataset.

    Attributes:
        version: Its name, such as `1.1.0`.
        iri: Its IRI.
        issued: The day of the release, `2026-11-27`.
        moment: When it entered the event stream: that day, and later than the version before it.
        previous: The IRI of the version before it; empty for the first one.
        ontology: The IRI of the ontology and that of its version (owl:versionIRI), which the version conforms to; empty
            where its ontology states none.
        files: The files of the release.
        dump: The name of the file with the whole graph as N-Triples.
    """

    version: str
    iri: str
    issued: str
    moment: str
    previous: str
    ontology: tuple[str, str]
    files: tuple[KeptFile, ...]
    dump: str

    @property
    def path(self) -> str:
        """The path of its page."""
        return f"{RELEASES}/{self.version}/index"

    @property
    def fragment(self) -> str:
        """The path, without an ending, of the page of the event stream that has its members."""
        return f"{RELEASES}/{self.version}/events"

    @property
    def patch(self) -> str:
        """The path of the patch that leads from the version before it to this one."""
        return f"{RELEASES}/{self.version}/changes.rdfp.gz"

    @property
    def changes(self) -> str:
        """The path of the file with all that has changed: as JSON where the release has it, and else the patch."""
        return next((file.path for file in self.files if file.name.startswith("changes.json")), self.patch)

    @property
    def dumps(self) -> tuple[KeptFile, ...]:
        """The files that have the whole graph, N-Triples and Turtle."""
        stem = self.dump.removesuffix(".nt.gz")
        names = {self.dump, f"{stem}.ttl", f"{stem}.ttl.gz"}
        return tuple(file for file in self.files if file.name in names)

    def part(self, base: str, file: KeptFile) -> str:
        """Return the IRI of a distribution of the version.

        Args:
            base: The address of the site.
            file: Its file.
        """
        return f"{base}{quote(self.path)}#{quote(file.name)}"


def link_version(made: Statements, version: Version, dataset: str) -> None:
    """State which version of a dataset a version is, of what day, after which one, and of which ontology.

    Args:
        made: The statements, which are added to.
        version: The version.
        dataset: The IRI of the dataset.
    """
    this = version.iri
    made.type(this, term(DCAT, "Dataset"))
    made.link(dataset, term(DCAT, "hasVersion"), this)
    made.link(this, term(DCAT, "isVersionOf"), dataset)
    made.text(this, term(DCAT, "version"), version.version)
    made.text(this, term(OWL, "versionInfo"), version.version)
    # What was released does not change, so that day is also the one of its last change.
    for name in ("issued", "modified"):
        made.value(this, term(DCTERMS, name), version.issued, "date")
    made.link(this, term(DCAT, "previousVersion"), version.previous)
    ontology, edition = version.ontology
    if edition:
        made.link(this, term(DCTERMS, "conformsTo"), edition)
        made.type(edition, term(DCTERMS, "Standard"))
        made.link(ontology, term(OWL, "versionIRI"), edition)


def describe_version(
    made: Statements, version: Version, dataset: str, base: str, titles: Mapping[str, str], licence: str = ""
) -> None:
    """Describe a version by itself, as the data beside its page do: what it is, and where its files are.

    Args:
        made: The statements, which are added to.
        version: The version.
        dataset: The IRI of the dataset.
        base: The address of the site.
        titles: What the dataset is called, by language.
        licence: The IRI of its licence; empty without one.
    """
    link_version(made, version, dataset)
    this = version.iri
    made.text(
        this, term(DCTERMS, "title"), {lang: f"{text} {version.version}" for lang, text in titles.items() if text}
    )
    made.link(this, term(DCTERMS, "license"), licence)
    page = base + quote(version.path)
    made.link(this, term(DCAT, "landingPage"), f"{page}.html")
    for file in version.dumps:
        part = version.part(base, file)
        made.link(this, term(DCAT, "distribution"), part)
        made.type(part, term(DCAT, "Distribution"))
        made.text(part, term(DCTERMS, "title"), file.name)
        made.link(part, term(DCAT, "accessURL"), f"{page}.html")
        made.link(part, term(DCAT, "downloadURL"), base + quote(file.path))
        made.link(part, term(DCAT, "mediaType"), f"{IANA_MEDIA}{file.media_type}")
        made.value(part, term(DCAT, "byteSize"), file.size, "nonNegativeInteger")
        made.link(part, term(SPDX, "checksum"), f"{part}-checksum")
        made.type(f"{part}-checksum", term(SPDX, "Checksum"))
        made.link(f"{part}-checksum", term(SPDX, "algorithm"), SHA256)
        made.value(f"{part}-checksum", term(SPDX, "checksumValue"), file.sha256, "hexBinary")
