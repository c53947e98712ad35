"""Makes a project for documents and their claims, from the template with its worked example."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from glocal_rdf.csvw.description.decisions import question as question_note
from glocal_rdf.errors import ProjectError
from glocal_rdf.operations.init import Initialized, inspect_folder, refuse_open
from glocal_rdf.operations.init_plan import as_doubt
from glocal_rdf.operations.init_settings import Answer, choose_settings
from glocal_rdf.operations.init_staging import check_project, put_in_place, stage, write_files
from glocal_rdf.scaffold.documents import make_documents_project
from glocal_rdf.scaffold.model import OpenQuestion

__all__ = ["init_documents"]


def init_documents(
    folder: Path | str,
    *,
    base: str | None = None,
    title: str | None = None,
    languages: Sequence[str] = (),
    license: str | None = None,  # noqa: A002 - the name of the option
    answer: Answer | None = None,
    leave_open: bool = False,
) -> Initialized:
    """Make a project for documents and their claims, with a worked example that builds and conforms.

    Args:
        folder: Where the project is made: a folder that is empty or not there yet.
        base: The beginning of the project's IRIs.
        title: The title of the dataset; by default that of the folder.
        languages: The languages of names, texts and notes; by default English.
        license: The licence of the data, as an IRI or one of `LICENSES`.
        answer: Answers what is not given; without it that stays open.
        leave_open: Whether the base IRI may stay open: it is a placeholder then, and listed as an open decision.

    Raises:
        InputError: Where the base IRI, a language or the licence cannot be used.
        ProjectError: Where the folder is not empty, or there is no base IRI and it may not stay open.
    """
    target = Path(folder)
    if inspect_folder(target) == "project":
        raise ProjectError.at(target, "is a project already", "name another folder")
    settings, left = choose_settings(target, (), base, title, languages, license, answer)
    if left and not leave_open:
        refuse_open(target, [str(one) for one in left], can_ask=answer is not None)
    if not settings.license:
        hint = 'add "dc:license" to the description, and remove this note'
        left.append(OpenQuestion("license", "the data has no licence", hint))
    notes = [question_note(as_doubt(one), "documents.csv") for one in left]
    for note in notes:
        note.pop("dc:requires", None)
    made = make_documents_project(
        base=settings.base,
        title=settings.title,
        languages=settings.languages or ("en",),
        name=settings.name,
        licence=settings.license,
        notes=notes,
    )
    files = {name: text.encode() for name, text in made.items()}
    with stage(target) as place:
        write_files(place, files)
        check_project(place)
        put_in_place(place, target)
    return Initialized(target, tuple(files), questions=tuple(left))
