"""Validates files in bounded memory, bucket by bucket, with the report that `validate_files` gives."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from glocal_rdf.errors import InputError
from glocal_rdf.files import open_input
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.operations.graph_inputs import check_rdf_file, name_file, read_graph
from glocal_rdf.operations.provenance import locate_in_files
from glocal_rdf.operations.validation_options import ValidationOptions
from glocal_rdf.operations.validation_report import Validation, finish_report
from glocal_rdf.shacl import PreparedShapes
from glocal_rdf.shacl.bounded import BoundedOptions, validate_bounded
from glocal_rdf.shacl.bounded.memory import MIB, peak_of_process
from glocal_rdf.shacl.report.model import has_results_at
from glocal_rdf.triples import Triples
from glocal_rdf.triples.comparison import rename_labels
from glocal_rdf.triples.formats.reader import has_pieces, read_pieces
from glocal_rdf.triples.formats.registry import find_format

__all__ = ["peak_of_process", "validate_in_bounded_memory"]

_TIMES_WHOLE: Final = {"turtle": 11, "rdfxml": 9}
"""How many times its size a file takes while it is read whole, by format."""

_TIMES_OTHER: Final = 30
_PROGRAM: Final = 150 * MIB
_PACKED: Final = 12
"""How many times its size a packed file of triples has mostly, unpacked."""

_LABEL: Final = 150
"""The bytes that the label of a blank node takes in a set."""

_BLOCK: Final = MIB
_ROWS: Final = 100_000
"""The rows of a piece of a file that was read whole."""


def validate_in_bounded_memory(
    files: Sequence[Path],
    memory: int,
    options: ValidationOptions | None = None,
    *,
    shapes: PreparedShapes,
    ontology: Triples | None = None,
    context: Triples | None = None,
) -> Validation:
    """Validate files together, within an amount of memory, by way of a temporary folder.

    N-Triples and N-Quads are read in pieces; a file of another format is read whole, if it fits into the memory.

    Args:
        files: The files.
        memory: The bytes of memory that the program may take.
        options: The options of the validation; the engine is `columns`.
        shapes: The shapes.
        ontology: Where classes have their superclasses.
        context: Triples that the shapes look up and that are not validated themselves: for shapes of a project, its
            ontology.

    Returns:
        The same as `validate_files`.

    Raises:
        ShapesError: The shapes are malformed or not supported, or a query may look at any triple.
        InputError: A file cannot be read, or the memory is too small.
        OutputError: The temporary folder cannot be written.
    """
    options = options or ValidationOptions()
    for file in files:
        check_rdf_file(file)
    data = _Files(files, memory)
    only_shapes, only_focus = options.resolve_names([shapes], WELL_KNOWN)
    bounded = BoundedOptions(
        memory=memory,
        ontology=ontology,
        context=context,
        max_results=options.max_results,
        time_limit=options.time_limit,
        only_shapes=only_shapes,
        only_focus=only_focus,
        ignore_unsupported=options.ignore_unsupported or options.report_unsupported,
    )
    report = options.mark_complete(validate_bounded(data.read, data.size, shapes, bounded))
    subjects = {result.focus for result in report.results}
    return finish_report(
        report,
        locate_in_files(data.names, report, data.find),
        fails=has_results_at(report, options.severity),
        concerned=None if context is None else report.validated or any(data.find("subject", subjects)),
        without_data="" if data.has_triples else ", ".join(data.names),
    )


@dataclass
class _Files:
    """Files that are one graph, in which blank nodes of different files are different ones."""

    paths: Sequence[Path]
    memory: int
    has_triples: bool = False
    _renamed: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check that each file can be read, and fits into the memory if it is read whole."""
        for path in self.paths:
            open_input(path).close()
            if not has_pieces(path):
                form = find_format(None, path, InputError)
                needed = _PROGRAM + _measure(path) * _TIMES_WHOLE.get(form.name, _TIMES_OTHER)
                if needed > self.memory:
                    what = f"{form.title} is read whole, which takes about {needed // MIB + 1} MiB of memory"
                    hint = "convert it to N-Triples, which is read in pieces, or raise --max-memory"
                    raise InputError.at(path, what, hint)

    @property
    def names(self) -> list[str]:
        """The names of the files."""
        return [name_file(path) for path in self.paths]

    @property
    def size(self) -> int:
        """About how many bytes of text all triples have."""
        return sum(
            _measure(path) * 3 if not has_pieces(path) else path.stat().st_size * (_PACKED if _is_packed(path) else 1)
            for path in self.paths
        )

    def read(self, size: int) -> Iterator[pl.DataFrame]:
        """Yield the triples of all files in pieces.

        Args:
            size: The bytes of a piece, about.
        """
        if len(self.paths) > 1:
            self._find_clashes(size)
        for number, path in enumerate(self.paths):
            renamed = self._renamed[number] if self._renamed else {}
            for piece in _read(path, size):
                self.has_triples |= piece.height > 0
                yield piece.with_columns(pl.col("subject", "object").replace(renamed)) if renamed else piece

    def find(self, column: str, nodes: set[str]) -> list[set[str]]:
        """Return those of some nodes that each file has in a column, by the labels in the file.

        Args:
            column: `subject` or `object`.
            nodes: The nodes.
        """
        wanted = pl.Series(sorted(nodes), dtype=pl.String).implode()
        return [
            {node for piece in _read(path, 8 * MIB) for node in piece[column].filter(piece[column].is_in(wanted))}
            for path in self.paths
        ]

    def _find_clashes(self, size: int) -> None:
        """Find the blank nodes that are renamed, since an earlier file has their labels."""
        self._renamed = []
        seen: set[str] = set()
        for number, path in enumerate(self.paths):
            labels: set[str] = set()
            for piece in _read(path, size):
                both = pl.concat([piece["subject"], piece["object"].rename("subject")])
                labels.update(both.filter(both.str.starts_with("_:")).unique())
                if (len(seen) + len(labels)) * _LABEL > self.memory / 4:
                    what = "has too many blank nodes to keep those of several files apart in this memory"
                    raise InputError.at(path, what, "put all triples into one file, or raise --max-memory")
            renamed = rename_labels(labels, seen, number + 1)
            seen |= labels | set(renamed.values())
            self._renamed.append(renamed)


def _read(path: Path, size: int) -> Iterable[pl.DataFrame]:
    return read_pieces(path, size) if has_pieces(path) else read_graph(path).frame.iter_slices(_ROWS)


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _measure(path: Path) -> int:
    """Return the bytes of a file, of a packed one those that it unpacks to."""
    if not _is_packed(path):
        return path.stat().st_size
    total = 0
    try:
        with open_input(path) as raw, gzip.GzipFile(fileobj=raw) as file:
            while block := file.read(_BLOCK):
                total += len(block)
    except (EOFError, OSError) as error:
        raise InputError.at(path, f"is not a whole gzip file ({error})", "pack it again") from error
    return total
