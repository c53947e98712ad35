"""Writes a comparison as one page of HTML that needs no script and requests nothing: by item, each statement a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from glocal_rdf.display import visible
from glocal_rdf.i18n import message, translatable
from glocal_rdf.wikidata.compare.outcomes import OUTCOMES, Outcome
from glocal_rdf.wikidata.settings import Wikibase

__all__ = ["name_outcome", "render_body", "render_page"]

_NAMES: Final[Mapping[Outcome, str]] = {
    "same": translatable("same"),
    "same-without-reference": translatable("same, without their reference"),
    "ours-more-precise": translatable("ours is more precise"),
    "theirs-more-precise": translatable("theirs is more precise"),
    "different": translatable("different"),
    "only-ours": translatable("only ours"),
    "only-theirs": translatable("only theirs"),
    "ended-or-deprecated": translatable("ended or deprecated there"),
    "blocked": translatable("not compared"),
}
_HEADS: Final = (
    translatable("outcome"),
    translatable("property"),
    translatable("ours"),
    translatable("theirs"),
    translatable("note"),
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; color: #1a1a1a;
  background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ccc;
  overflow-wrap: anywhere; }
.different td:first-child, .blocked td:first-child { border-left: 4px solid #b00020; }
.only-ours td:first-child, .ours-more-precise td:first-child { border-left: 4px solid #00695c; }
.only-theirs td:first-child, .theirs-more-precise td:first-child { border-left: 4px solid #1a4f9c; }
.same td:first-child, .same-without-reference td:first-child { border-left: 4px solid #777; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616; } a { color: #8ab4f8; } }
"""


def name_outcome(outcome: Outcome, lang: str) -> str:
    """Return what an outcome is called in a language.

    Examples:
        >>> name_outcome("only-ours", "en"), name_outcome("only-ours", "zh-Hant")
        ('only ours', '僅本資料有')
    """
    return message(lang, _NAMES[outcome])


def render_page(
    rows: Sequence[Mapping[str, str]], counts: Mapping[Outcome, int], wikibase: Wikibase, lang: str, date: str
) -> str:
    """Return the page, complete by itself.

    Args:
        rows: The comparisons, as `report.list_rows` lays them out.
        counts: How many there are of each outcome.
        wikibase: The Wikibase.
        lang: The language of headings.
        date: The date of the comparison.
    """
    title = message(lang, "Compared with {wikibase}", wikibase=wikibase.name)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(title)}</h1>\n<p><time>{_text(date)}</time></p>\n"
        f"{render_body(rows, counts, wikibase, lang)}</main>\n</body>\n</html>\n"
    )


def render_body(rows: Sequence[Mapping[str, str]], counts: Mapping[Outcome, int], wikibase: Wikibase, lang: str) -> str:
    """Return the counts, and a table for each item.

    Args:
        rows: The comparisons.
        counts: How many there are of each outcome.
        wikibase: The Wikibase.
        lang: The language of headings.
    """
    parts = ["<ul>\n"]
    parts += [f"<li>{_text(name_outcome(one, lang))}: {counts[one]:,}</li>\n" for one in OUTCOMES if counts[one]]
    parts.append("</ul>\n")
    heads = "".join(f'<th scope="col">{_text(message(lang, head))}</th>' for head in _HEADS)
    items = dict.fromkeys(row["item"] for row in rows)
    for item in items:
        mine = [row for row in rows if row["item"] == item]
        name = mine[0]["item_name"] or item
        link = _link(f"{wikibase.entity}{item}", item)
        parts.append(
            f'<section id="{escape(item)}">\n<h2>{_text(name)} ({link})</h2>\n<table>\n<thead><tr>{heads}</tr>'
        )
        parts.append("</thead>\n<tbody>\n")
        parts += [_render_row(row, wikibase, lang) for row in mine]
        parts.append("</tbody>\n</table>\n</section>\n")
    return "".join(parts)


def _render_row(row: Mapping[str, str], wikibase: Wikibase, lang: str) -> str:
    outcome: Outcome = row["outcome"]  # type: ignore[assignment]  # the rows have them
    label = row["property_name"]
    number = _link(f"{wikibase.entity}{row['property']}", row["property"]) if row["property"] else ""
    ours = _text(row["ours"])
    links = [one for one in (row["claim"], *row["passages"].split()) if one]
    ours += "".join(f" {_link(one, f'[{at}]')}" for at, one in enumerate(links, 1))
    theirs = _text(row["theirs"])
    cells = (_text(name_outcome(outcome, lang)), f"{_text(label)} {number}".strip(), ours, theirs, _text(row["note"]))
    return f'<tr class="{escape(outcome)}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"


def _text(text: str) -> str:
    return escape(visible(text))


def _link(iri: str, text: str) -> str:
    """Return a link to an address of the web, and the text alone for any other."""
    if not iri.startswith(("http://", "https://")):
        return _text(text)
    return f'<a href="{escape(iri, quote=True)}" rel="noopener">{_text(text)}</a>'
