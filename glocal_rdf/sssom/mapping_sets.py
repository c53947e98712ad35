"""A mapping set as it stands in its file: the metadata and all columns, extensions too, read and written whole.

https://mapping-commons.github.io/sssom/spec-formats-tsv/
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from glocal_rdf.errors import TableError
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import SEMAPV, SKOS, SSSOM, XSD
from glocal_rdf.sssom.links import BUILT_IN, REQUIRED, REVIEW_STATE, split_file
from glocal_rdf.vocabulary import MAPPING_SLOTS

__all__ = ["COLUMNS", "EVIDENCE", "EXTENSIONS", "REASON", "REVIEW_REASON", "REVIEW_STATE", "MappingSet", "make_header"]

REVIEW_REASON: Final = "ext_review_reason"
EVIDENCE: Final = "ext_evidence"
REASON: Final = "ext_not_linked_because"

EXTENSIONS: Final[Mapping[str, str]] = {
    REVIEW_STATE: "proposed, accepted, rejected or unsure",
    REVIEW_REASON: "why the reviewer decided so",
    EVIDENCE: "the features that were compared, each from 0 to 1",
    REASON: "why the mapping is a candidate and not a link; empty for a link",
}
"""The extension slots, each with what it holds."""

COLUMNS: Final = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "reviewer_label", "review_date", "mapping_tool", "mapping_tool_version", "mapping_date",
    "confidence", "match_string", "similarity_score", "similarity_measure", "comment", *EXTENSIONS,
)  # fmt: skip
"""The columns of a mapping set that is proposed, in SSSOM's order, those of extensions last."""


@dataclass(frozen=True)
class MappingSet:
    """A mapping set.

    Attributes:
        header: Its metadata.
        frame: Its rows, all of them texts.
    """

    header: Mapping[str, Any]
    frame: pl.DataFrame

    @classmethod
    def read(cls, path: Path) -> MappingSet:
        """Read a file.

        Raises:
            InputError: Where it cannot be read.
            TableError: Where it is not a table with the columns that SSSOM requires.
        """
        header, body, first = split_file(path)
        try:
            frame = pl.read_csv(io.BytesIO(body), separator="\t", infer_schema=False, quote_char='"')
        except pl.exceptions.PolarsError as error:
            what = f"is not a table: {error}".splitlines()[0]
            raise TableError.at(path, what, "separate the cells by tabs") from error
        missing = [name for name in REQUIRED if name not in frame.columns]
        if missing:
            what = f"lacks the column {', '.join(missing)}"
            raise TableError.at(f"{path}:{first}", what, "SSSOM requires it in each row")
        return cls(header, frame)

    def serialize(self) -> bytes:
        """Write the set as SSSOM/TSV: the header as comments, and the rows that are in it, in their order."""
        header = yaml.safe_dump(dict(self.header), allow_unicode=True, sort_keys=False, width=1000)
        lines = "".join(f"#{line}\n" for line in header.splitlines())
        # A tab or a line break inside of a cell is legal where it is quoted, but few tools expect it.
        clean = self.frame.with_columns(pl.col(pl.String).str.replace_all(r"[\t\r\n]+", " "))
        return (lines + clean.write_csv(separator="\t")).encode()

    def with_columns(self, *names: str) -> MappingSet:
        """Return the set with these columns, empty where they are new."""
        new = [pl.lit(None, pl.String).alias(name) for name in names if name not in self.frame.columns]
        return MappingSet(self.header, self.frame.with_columns(new))


def make_header(name: str, title: str, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Make the metadata of a new mapping set; tool and day stand in each row, since runs add rows.

    Args:
        name: The IRI of the set.
        title: Its title.
        prefixes: The prefixes that its rows use.
    """
    used = BUILT_IN | dict(prefixes)
    keep = {"skos": SKOS, "semapv": SEMAPV, "sssom": SSSOM, "xsd": XSD, "glocal_slot": MAPPING_SLOTS} | dict(prefixes)
    slots = [
        {"slot_name": slot, "property": f"glocal_slot:{slot.removeprefix('ext_')}", "type_hint": "xsd:string"}
        for slot in EXTENSIONS
    ]
    return {
        "curie_map": {prefix: keep.get(prefix, used.get(prefix)) for prefix in sorted(keep)},
        "mapping_set_id": name,
        "mapping_set_title": title,
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "extension_definitions": slots,
    }
