"""Assembles the files of a project: tables, their description, ontology, shapes, queries and README, by path.

Each text that is made of the description begins or ends with a line that has its checksum. A file whose checksum is
right was not edited since, and may be made again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import polars as pl

from glocal_rdf.scaffold.output.description import read_settings, tables_of, write_csv
from glocal_rdf.scaffold.output.ontology import write_ontology
from glocal_rdf.scaffold.output.queries import write_queries
from glocal_rdf.scaffold.output.readme import write_readme
from glocal_rdf.scaffold.output.shapes import write_shapes

__all__ = ["assemble_files", "is_unedited", "seal", "titles_of", "write_document"]

_MADE: Final = "Made by glocal init; a file that was edited is left alone. Checksum:"
_LINE: Final = re.compile(rf"^(?:# |<!-- ){re.escape(_MADE)} (?P<sum>[0-9a-f]{{16}})(?: -->)?\n", re.MULTILINE)


def seal(text: str, path: str) -> str:
    """Return a text with a line that has its checksum, as a comment.

    Examples:
        >>> print(seal("SELECT", "queries/a.rq"))
        # Made by glocal init; a file that was edited is left alone. Checksum: 6e4261695ad1aa36
        SELECT
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    if path.endswith(".md"):
        return f"{text}\n<!-- {_MADE} {digest} -->\n"
    return f"# {_MADE} {digest}\n{text}"


def is_unedited(text: str) -> bool:
    """Return whether a text is as it was sealed.

    Examples:
        >>> is_unedited(seal("SELECT", "a.rq")), is_unedited(seal("SELECT", "a.rq") + "x"), is_unedited("SELECT")
        (True, False, False)
    """
    text = text.replace("\r\n", "\n")
    found = _LINE.search(text)
    if found is None:
        return False
    rest = text[: found.start()] + text[found.end() :]
    rest = rest.removesuffix("\n") if found["sum"] and found.start() else rest
    return hashlib.sha256(rest.encode()).hexdigest()[:16] == found["sum"]


def titles_of(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the first title of each column that a file has, by its name."""
    found = {}
    for column in table.get("tableSchema", {}).get("columns", []):
        if not column.get("virtual"):
            title = column.get("titles", column.get("name"))
            found[str(column.get("name"))] = str(title[0] if isinstance(title, list) else title)
    return found


def write_document(document: Mapping[str, Any]) -> str:
    """Return a metadata document as JSON: a line for each column, so that changes can be read.

    Examples:
        >>> print(write_document({"a": [{"b": 1}, "c"], "d": {}}))
        {
         "a": [{"b": 1}, "c"],
         "d": {}
        }
    """

    def write(value: Any, depth: int) -> str:
        flat = json.dumps(value, ensure_ascii=False)
        if len(flat) <= MAX_WIDTH or not isinstance(value, dict | list) or not value:
            return flat
        if isinstance(value, dict) and "name" in value and "tableSchema" not in value:
            return flat
        pad = " " * (depth + 1)
        if isinstance(value, list):
            body = ",\n".join(pad + write(one, depth + 1) for one in value)
            return f"[\n{body}\n{' ' * depth}]"
        body = ",\n".join(f"{pad}{json.dumps(k, ensure_ascii=False)}: {write(v, depth + 1)}" for k, v in value.items())
        return f"{{\n{body}\n{' ' * depth}}}"

    body = ",\n".join(f" {json.dumps(k, ensure_ascii=False)}: {write(v, 1)}" for k, v in document.items())
    return f"{{\n{body}\n}}"


MAX_WIDTH: Final = 120
"""How wide an object or array of a metadata document is at most to be written on one line."""


def assemble_files(
    document: Mapping[str, Any],
    cells: Mapping[str, pl.DataFrame],
    reasons: Mapping[tuple[str, str], str] | None = None,
    checks: Sequence[str] = (),
    prefixes: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Return the files of a project, by their path in it.

    Args:
        document: The metadata document of its tables.
        cells: The cells of each table, by its `url`; the columns are named as in the document.
        reasons: Why a column has its property, by the `url` of its table and its name.
        checks: What was decided by the cells and is to be checked by a person.
        prefixes: Prefixes of the project that the document may use.
    """
    settings = read_settings(document)
    name = settings.name
    files: dict[str, bytes] = {}
    for table in tables_of(document):
        url = str(table.get("url", ""))
        titles = titles_of(table)
        frame = cells[url].select(list(titles))
        files[f"data/{unquote(url)}"] = write_csv(frame, list(titles.values()))
    files["data/csv-metadata.json"] = (write_document(document) + "\n").encode()
    rows = {url: frame.height for url, frame in cells.items()}
    texts = {
        f"ontology/{name}.ttl": write_ontology(document, prefixes),
        f"shapes/{name}.ttl": write_shapes(document, cells, prefixes),
        "README.md": write_readme(document, rows, reasons, checks),
    }
    texts |= {f"queries/{n}.rq": text for n, text in write_queries(document, _example(document, cells)).items()}
    return files | {path: seal(text, path).encode() for path, text in texts.items()}


def _example(document: Mapping[str, Any], cells: Mapping[str, pl.DataFrame]) -> str:
    """Return the IRI of the first thing of the first table."""
    for table in tables_of(document):
        schema = table.get("tableSchema", {})
        key, frame = schema.get("primaryKey"), cells[str(table.get("url", ""))]
        if isinstance(key, str) and key in frame.columns and frame.height:
            return str(schema.get("aboutUrl", "")).replace(f"{{{key}}}", frame[key][0].strip())
    return ""
