"""Writes `examples/document-claims` anew, from the template of projects with documents.

The example is the template with its base; only its README is its own. After a change of the template, run
`python tests/example_project.py`, and bring the pages up to date that show the example.
"""

from __future__ import annotations

from pathlib import Path

from glocal_rdf.scaffold.documents import make_documents_project

EXAMPLE = Path(__file__).parent.parent / "examples" / "document-claims"


def make_example() -> dict[str, str]:
    """Make the files of the example, by their paths in it."""
    project = make_documents_project(
        base="https://harbours.example/",
        title="The Harbour League, by one document",
        languages=["en", "zh-Hant"],
        name="league",
        licence="https://creativecommons.org/publicdomain/zero/1.0/",
    )
    del project["README.md"]
    return project


if __name__ == "__main__":
    for name, text in make_example().items():
        file = EXAMPLE / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
