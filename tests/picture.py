"""Draws what `glocal explain --json` prints: the picture of the README, made from a real run.

`python tests/picture.py` writes it; a test fails when it is stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from glocal_rdf.cli import cli

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "assets" / "explained.svg"
EXAMPLE = ROOT / "examples" / "document-claims"
SHOWN = {
    "http://schema.org/foundingDate": "founding date",
    "http://schema.org/location": "seat",
    "https://harbours.example/ontology#memberCount": "member count",
}
COLOURS = {"normal": "#57606a", "preferred": "#1a7f37", "deprecated": "#cf222e"}
ROW, TOP, WIDTH = 46, 84, 880
STYLE = "font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans CJK TC',sans-serif"


def explain() -> dict[str, Any]:
    """Run the command and give the statements about the network of the example."""
    arguments = ["explain", "harbour-league", "--project", EXAMPLE, "--documents", EXAMPLE / "documents", "--json"]
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    things: list[dict[str, Any]] = json.loads(result.stdout)
    return things[0]


def list_rows(explained: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Give property, value, rank, words and position of each claim that the picture shows."""
    for statement in explained["statements"]:
        name = SHOWN.get(statement["predicate"].strip("<>"))
        for claim in statement["claims"] if name else ():
            passage = claim["passages"][0]
            rank = claim["rank"].rpartition("#")[2].removesuffix("Rank").lower()
            position = passage["passage"].partition("#char=")[2].replace(",", "–")
            yield name or "", read_value(statement["object"]), rank, passage["text"], position


def read_value(term: str) -> str:
    """Give a literal's lexical form, or an IRI's last part as words."""
    if term.startswith('"'):
        return term[1:].rpartition('"')[0]
    return term.strip("<>").rpartition("/")[2].replace("-", " ").title()


def draw(explained: dict[str, Any]) -> str:
    """Draw the claims as a picture in SVG: what is said on the left, the words that say it on the right."""
    rows = list(list_rows(explained))
    height = TOP + ROW * len(rows) + 16
    label = f"Claims about {explained['names']['en']}, each with the passage of the document that it comes from"
    head = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{escape(label)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {head} style="{STYLE}">',
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="10" fill="#ffffff" stroke="#d0d7de"/>',
        write(24, 36, explained["names"]["en"], size=20, weight="bold"),
        write(24, 62, "what is said", size=13, fill="#57606a"),
        write(470, 62, "the words that say it, and where in the document", size=13, fill="#57606a"),
    ]
    before = ""
    for number, (name, value, rank, words, position) in enumerate(rows):
        middle = TOP + ROW * number + ROW // 2
        if name != before:
            parts.append(f'<path d="M24 {middle - 23}H{WIDTH - 24}" stroke="#eaeef2"/>')
            parts.append(write(24, middle + 5, name, fill="#57606a"))
        before = name
        line = ' text-decoration="line-through"' if rank == "deprecated" else ""
        parts += [
            write(150, middle + 5, value, weight="bold", more=line),
            write(262, middle + 4, rank, size=12, fill=COLOURS[rank]),
            f'<path d="M346 {middle}H448" stroke="#8c959f"/><path d="M448 {middle - 4}l8 4l-8 4z" fill="#8c959f"/>',
            write(470, middle - 1, f"“{words}”", size=14),
            write(470, middle + 16, f"characters {position}", size=11, fill="#57606a"),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(
    left: int, base: int, text: str, *, size: int = 15, weight: str = "normal", fill: str = "#1f2328", more: str = ""
) -> str:
    """Write a text into the picture."""
    form = f'font-size="{size}" font-weight="{weight}" fill="{fill}"{more}'
    return f'<text x="{left}" y="{base}" {form}>{escape(text)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(explain()), encoding="utf-8")
