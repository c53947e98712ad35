"""Publishes how a project's statements compare with those of Wikidata, as they were when that was last asked.

A site is made without the network: the page shows the comparison that the project keeps in
`data/wikidata-comparison.json`, which `glocal wikidata compare --json` wrote; without that file there is no page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from glocal_rdf.errors import InputError
from glocal_rdf.i18n import message, translatable
from glocal_rdf.project import read_text
from glocal_rdf.publish.rendering import Renderer
from glocal_rdf.publish.site import Contribution, File, MenuItem, Page, Site
from glocal_rdf.wikidata.compare.outcomes import Outcome
from glocal_rdf.wikidata.compare.page import name_outcome
from glocal_rdf.wikidata.compare.report import COLUMNS
from glocal_rdf.wikidata.properties import read_vocabulary

__all__ = ["KEPT", "contribute"]

KEPT: Final = Path("data") / "wikidata-comparison.json"
"""The comparison that a project keeps."""


def contribute(site: Site) -> Contribution:
    """Return the page of the comparison, where the project keeps one.

    Raises:
        InputError: Where the file is not what `glocal wikidata compare --json` writes, or the table of properties has a
            mistake.
    """
    path = site.built.project.root / KEPT
    if not path.is_file():
        return Contribution(write=lambda _site: ())
    record = _read(path)
    entity = read_vocabulary(site.built.project).wikibase.entity
    title = site.say(translatable("Compared with {wikibase}"), wikibase=record["wikibase"])
    return Contribution(
        write=partial(_write, record=record, entity=entity, title=title),
        menu=(MenuItem("compared", title, order=35),),
        pages={"compared": "compared"},
    )


def _read(path: Path) -> dict[str, Any]:
    """Read a kept comparison.

    Raises:
        InputError: Where it is not one.
    """
    hint = "write it anew: glocal wikidata compare --json -o FILE"
    try:
        record: Any = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError.at(path, "is not JSON of a comparison", hint) from error
    texts = isinstance(record, dict) and all(isinstance(record.get(key), str) for key in ("wikibase", "date"))
    if not texts or not isinstance(record.get("statements"), list):
        raise InputError.at(path, "is not a comparison", hint)
    for number, row in enumerate(record["statements"]):
        whole = isinstance(row, dict) and all(isinstance(row.get(column), str) for column in COLUMNS)
        if not whole or row["outcome"] not in get_args(Outcome):
            raise InputError.at(path, f"statement {number} is not one of a comparison", hint)
    return dict(record)


def _write(site: Site, record: Mapping[str, Any], entity: str, title: Mapping[str, str]) -> Iterator[File]:
    groups: dict[str, list[dict[str, str]]] = {}
    counts: dict[str, int] = {}
    for row in record["statements"]:
        groups.setdefault(row["item"], []).append(row)
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    names = {lang: {outcome: name_outcome(outcome, lang) for outcome in get_args(Outcome)} for lang in site.languages}
    heads = ("outcome", "property", "ours", "theirs", "note")
    page = Page(path="compared", titles=title, kind="compared")
    yield from Renderer(site).render(
        page,
        "compared.html",
        record=record,
        groups=groups,
        counts={outcome: counts[outcome] for outcome in get_args(Outcome) if outcome in counts},
        outcomes=names,
        heads={lang: [message(lang, head) for head in heads] for lang in site.languages},
        entity=entity if entity.startswith(("http://", "https://")) else "",
    )
