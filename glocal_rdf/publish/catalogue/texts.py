"""Writes what is not RDF or JSON about a published dataset: `CITATION.cff`, `llms.txt`, and the list of checksums.

https://citation-file-format.github.io/
https://llmstxt.org/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from glocal_rdf.i18n import pick
from glocal_rdf.publish.catalogue.model import FOLDER, Catalogue
from glocal_rdf.publish.catalogue.schema_org import list_keywords

__all__ = ["name_licence", "write_checksums", "write_citation", "write_llms_txt"]

_LICENCES = {
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "creativecommons.org/licenses/by/4.0": "CC-BY-4.0",
    "creativecommons.org/licenses/by-sa/4.0": "CC-BY-SA-4.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
}
"""The names (SPDX) of well-known licences, by what their addresses have in them."""


def name_licence(iri: str) -> str:
    """Return the short name (SPDX) of a well-known licence; the IRI itself of others.

    Args:
        iri: The IRI of the licence.

    Examples:
        >>> name_licence("https://creativecommons.org/licenses/by/4.0/"), name_licence("https://example.org/l")
        ('CC-BY-4.0', 'https://example.org/l')
    """
    return next((name for part, name in _LICENCES.items() if part in iri), iri)


def write_citation(catalogue: Catalogue) -> bytes:
    """Write how to cite the dataset in the Citation File Format 1.2.

    Args:
        catalogue: What is known of the dataset.
    """
    lang = catalogue.languages[0]
    authors = [pick(one.names, lang) for one in (*catalogue.creators, catalogue.publisher) if one]
    licence = name_licence(catalogue.licence)
    found: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": pick(catalogue.titles, lang),
        "abstract": pick(catalogue.descriptions, lang),
        # The format asks for an author; where the metadata names nobody, the dataset stands for itself.
        "authors": [{"name": name} for name in dict.fromkeys(filter(None, authors))]
        or [{"name": pick(catalogue.titles, lang)}],
        "version": catalogue.about.text("version", lang),
        "date-released": _full_date(catalogue.date("modified") or catalogue.date("issued")),
        "url": catalogue.iri,
        "license": licence if licence != catalogue.licence else "",
        "license-url": catalogue.licence if licence == catalogue.licence else "",
        "keywords": list_keywords(catalogue, lang),
    }
    text = yaml.safe_dump(
        {name: value for name, value in found.items() if value}, allow_unicode=True, sort_keys=False, width=100
    )
    return text.encode(errors="backslashreplace")


def _full_date(text: str) -> str:
    return text[:10] if len(text) >= 10 else ""


def write_checksums(catalogue: Catalogue) -> bytes:
    """Write the checksums of the dumps and tables, as `sha256sum --check` reads them beside the files.

    Args:
        catalogue: What is known of the dataset.
    """
    dumps = (*catalogue.dumps, *(table.dump for table in catalogue.tables))
    lines = (f"{dump.sha256}  {dump.path.removeprefix(f'{FOLDER}/')}\n" for dump in dumps)
    return "".join(sorted(lines, key=lambda line: line[66:])).encode(errors="surrogateescape")


def write_llms_txt(catalogue: Catalogue) -> bytes:
    """Write what a program that reads texts should know: what this is, how to cite it, where data and evidence are.

    Args:
        catalogue: What is known of the dataset.
    """
    return "\n".join(_list_lines(catalogue)).encode(errors="backslashreplace")


def _list_lines(catalogue: Catalogue) -> Iterator[str]:
    lang = catalogue.languages[0]

    def line(text: str) -> str:
        return " ".join(text.split())

    numbers = catalogue.tell()
    yield f"# {line(pick(catalogue.titles, lang))}"
    yield ""
    if description := line(pick(catalogue.descriptions, lang)):
        yield f"> {description}"
        yield ""
    yield (
        f"Linked data (RDF): {numbers['triples']:,} triples about {numbers['things']:,} things, with "
        f"{numbers['links']:,} links to other datasets. Languages: {', '.join(catalogue.languages)}."
    )
    yield ""
    yield f"- IRI of the dataset: {catalogue.iri}"
    if catalogue.licence:
        yield f"- Licence: {catalogue.licence}"
    yield f"- How to cite: {line(catalogue.cite(lang))}"
    iri, path = catalogue.example
    if catalogue.space and iri:
        yield f"- Every thing has an IRI that begins with {catalogue.space}, such as {iri}"
        yield f"- The page about it is {catalogue.address(path)}.html; those about others follow the same pattern"
    yield ""
    yield "## Where the evidence is"
    yield ""
    if catalogue.statistics.claims:
        yield (
            f"There are {catalogue.statistics.claims:,} claims (rdf:Statement with rdf:subject, rdf:predicate and "
            f"rdf:object). {catalogue.statistics.derived:,} of them are what documents say: each is derived "
            "(prov:wasDerivedFrom) from a passage, whose IRI is its document's with `#char=START,END` (RFC 5147). "
            "The others are the curators' own (prov:wasAttributedTo). Claims that contradict each other are all kept, "
            "each with a rank. Cite the passage together with the statement."
        )
    else:
        yield "Every statement comes from a cell of a described table (CSV on the Web) or from a rule."
    yield ""
    yield "## Data"
    yield ""
    for dump in catalogue.dumps:
        yield f"- [{pick(dump.titles, lang)}]({catalogue.address(dump.path)}): {line(pick(dump.descriptions, lang))}"
    yield ""
    yield "## Descriptions"
    yield ""
    for name, what in (
        (f"{FOLDER}/catalogue.ttl", "the catalogue (DCAT-AP), with licences, checksums and provenance"),
        (f"{FOLDER}/void.ttl", "statistics and links (VoID)"),
        (f"{FOLDER}/croissant.json", "the tables and their columns (Croissant)"),
        (f"{FOLDER}/questions.ttl", "the questions below, as SPARQL (sh:SPARQLExecutable)"),
    ):
        yield f"- [{what}]({catalogue.address(name)})"
    if catalogue.questions:
        yield ""
        yield "## Questions that it answers"
        yield ""
        for one in catalogue.questions:
            more = line(pick(one.descriptions, lang))
            yield f"- {one.name}: {line(pick(one.titles, lang))}" + (f". {more}" if more else "")
    yield ""
