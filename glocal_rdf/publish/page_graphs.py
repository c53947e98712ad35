"""Which statements stand in the data beside which page: those about the resource, and about what is described with it.

1. A statement belongs to the page of its subject; that of a claim, a mapping or a fragment to the page where it is
   described.
2. What a blank node says belongs to every page whose statements lead to it.
3. A blank node that nothing leads to (`owl:AllDisjointClasses`) belongs to the page of the ontology where that states
   it, and else to the page of the dataset.

So the data beside all pages together are the whole graph. The graphs of other sources stand beside their own pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import polars as pl

from glocal_rdf.namespaces import DCTERMS, FOAF, RDF_TYPE, VOID, term

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Site

__all__ = ["describe_documents", "group_statements"]

_BLANK: Final = "_:"


def group_statements(site: Site) -> pl.DataFrame:
    """Return the statements of the graph by the page that they stand beside.

    Args:
        site: The site.

    Returns:
        The columns `subject`, `predicate`, `object` and `group` (the path of the page), sorted by group.
    """
    pages = pl.DataFrame(
        {"subject": site.addresses.keys(), "group": [path.partition("#")[0] for path in site.addresses.values()]},
        schema={"subject": pl.String, "group": pl.String},
    )
    frame = site.graph.frame
    named = frame.join(pages, on="subject", how="inner")
    blank = frame.filter(pl.col("subject").str.starts_with(_BLANK))
    parts = [named, *_follow(named, blank)]
    orphans = blank.join(pl.concat(parts), on="subject", how="anti")
    if orphans.height:
        parts += _give_homes(site, orphans)
    return pl.concat(parts).sort("group", maintain_order=True)


def _follow(led: pl.DataFrame, blank: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the statements of the blank nodes that statements lead to, however far."""
    found: list[pl.DataFrame] = []
    seen = pl.DataFrame(schema={"subject": pl.String, "group": pl.String})
    while True:
        nodes = led.filter(pl.col("object").str.starts_with(_BLANK)).select(subject="object", group="group").unique()
        nodes = nodes.join(seen, on=["subject", "group"], how="anti")
        if nodes.is_empty():
            return found
        seen = pl.concat([seen, nodes])
        led = blank.join(nodes, on="subject")
        found.append(led)


def _give_homes(site: Site, orphans: pl.DataFrame) -> list[pl.DataFrame]:
    """Put the blank nodes that no page leads to on the page of the ontology or of the dataset."""
    ontology = next((path for path in site.addresses.values() if path == "ontology/index"), "dataset")
    own = site.built.project.ontology.frame["subject"].unique()
    home = pl.when(pl.col("subject").is_in(own.implode())).then(pl.lit(ontology)).otherwise(pl.lit("dataset"))
    return [orphans.with_columns(group=home)]


def describe_documents(site: Site, resources: Mapping[str, str]) -> pl.DataFrame:
    """Return what is said of the pages themselves: what each is about, and of which dataset (Cool URIs; VoID, 6).

    Args:
        site: The site.
        resources: What each page is about, by path.

    Returns:
        The columns `subject`, `predicate`, `object` and `group`; no rows where pages have no address.
    """
    documents = [(f"<{address}>", path, one) for path, one in resources.items() if (address := site.document_of(path))]
    frame = pl.DataFrame(documents, schema={"subject": str, "group": str, "about": str}, orient="row")
    said = [
        (RDF_TYPE, pl.lit(term(FOAF, "Document"))),
        (term(FOAF, "primaryTopic"), pl.col("about")),
    ]
    if site.about.dataset.startswith("<"):
        said.append((term(VOID, "inDataset"), pl.lit(site.about.dataset)))
    if licence := site.about.link("license"):
        said.append((term(DCTERMS, "license"), pl.lit(f"<{licence}>")))
    return pl.concat(
        [frame.select("subject", predicate=pl.lit(predicate), object=value, group="group") for predicate, value in said]
    )
