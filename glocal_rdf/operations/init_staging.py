"""Puts a project into its place: it is written beside it, built and validated there, and moved if that succeeds."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from glocal_rdf.errors import GlocalError, OutputError, Problem, ProjectError

__all__ = ["check_project", "put_in_place", "stage", "write_files"]


@contextmanager
def stage(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target, which is removed at the end if it is still there.

    Raises:
        OutputError: Where no folder can be made there.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.absolute().parent))
    except OSError as error:
        raise OutputError.at(target, f"cannot be made: {error.strerror}", "choose another place") from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder.

    Args:
        folder: The folder.
        files: The contents, by paths with slashes.

    Raises:
        OutputError: Where one cannot be written.
    """
    for name, data in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise OutputError.at(
                path, f"cannot be written: {error.strerror}", "make room, or choose another place"
            ) from error


def check_project(folder: Path) -> None:
    """Build and validate a project that was made.

    Raises:
        ProjectError: Where it does not build or conform.
    """
    from glocal_rdf.operations.build import build_to_validate  # noqa: PLC0415
    from glocal_rdf.operations.validate import ValidationOptions, validate_build  # noqa: PLC0415
    from glocal_rdf.operations.validation_report import render_report  # noqa: PLC0415
    from glocal_rdf.project import Project  # noqa: PLC0415
    from glocal_rdf.shacl.report import has_results_at  # noqa: PLC0415

    try:
        built = build_to_validate(Project.open(folder))
        report = validate_build(built, ValidationOptions())
    except GlocalError as error:
        problems = [replace(p, where=_without_stage(p.where), file=_without_stage(p.file)) for p in error.problems]
        raise ProjectError.of(problems) from error
    if has_results_at(report, "violation"):
        text = _without_stage(str(render_report(report, "text", "en")))
        raise ProjectError(*(Problem("", line) for line in text.splitlines() if line.strip()))


def _without_stage(text: str) -> str:
    """Return a text in which files of a project that is not in its place yet are named from that."""
    return re.sub(r"(?:[^\s:,]*/)?\.[^/\s]+\.part/(?:project/)?", "", text)


def put_in_place(made: Path, target: Path) -> None:
    """Move a folder to its place, where there is none or an empty one.

    Args:
        made: The folder.
        target: Its place.

    Raises:
        OutputError: Where it cannot be moved.
    """
    try:
        made.chmod(0o755)
        if target.is_dir():
            if target.is_mount() or target.resolve() == Path.cwd():
                for path in list(made.iterdir()):
                    path.replace(target / path.name)
                return
            target.rmdir()
        made.replace(target)
    except OSError as error:
        raise OutputError.at(target, f"cannot be made: {error.strerror}", "choose another place") from error
