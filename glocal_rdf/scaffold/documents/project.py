"""Makes a project for documents and their claims: every file of it, as texts, from the files of the template.

1. What the user chose is checked and completed (`settings`).
2. Each file of `template/` is fitted to the languages (`languages`), and its marks, such as `{{base}}`, are replaced.
3. The worked example is part of it, so that every command has something to show at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Any, Final

from glocal_rdf.display import as_markdown_cell
from glocal_rdf.scaffold.documents.languages import fit_description, fit_query, fit_table, fit_turtle
from glocal_rdf.scaffold.documents.settings import Settings, check_settings
from glocal_rdf.triples.terms import quote

__all__ = ["make_documents_project"]

_MARK: Final = re.compile(r"\{\{([a-z_]+)\}\}")
_METADATA: Final = "data/csv-metadata.json"
_CLAIM: Final = {
    "id": "claim/alder-declaration-1",
    "subject": "organization/harbour-league",
    "predicate": "foundingLocation",
    "object": "place/port-alder",
    "passage": "document/short-history#char=175,203",
}
"""The claim that README adds."""


def make_documents_project(
    *,
    base: str,
    title: str,
    languages: Sequence[str] = ("en",),
    name: str = "",
    licence: str = "",
    notes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, str]:
    """Make a project that holds what documents say, with a worked example that builds and conforms.

    Its claims, passages and documents are described in terms of its own ontology, under its own base IRI. Columns for
    names, texts and notes are made for each language. The worked example and the labels are in English and Traditional
    Chinese, as far as these are among the languages; where neither is, English is added.

    Args:
        base: How the IRIs of the project begin, with `#`, `/` or nothing at the end. It is written as a URI: characters
            beyond ASCII are percent-encoded, and those of a host in Punycode.
        title: The title of the dataset, in the first language.
        languages: Language tags (BCP 47).
        name: A word for the prefix of the ontology and the names of files; by default `project`.
        licence: The IRI of the licence; where it is empty, README asks for it.
        notes: Notes on the project, such as open decisions, which become notes of its first table.

    Returns:
        The text of each file, to be written in UTF-8 with line feeds, by its path with slashes.

    Raises:
        InputError: With everything that cannot be used.

    Examples:
        >>> project = make_documents_project(base="https://example.org/league", title="The League", name="league")
        >>> sorted(file for file in project if file.startswith("data/"))[0], "ontology/league.ttl" in project
        ('data/claims.csv', True)
    """
    settings = check_settings(base, name, title, languages, licence)
    found = {path: file.read_text(encoding="utf-8") for path, file in _list_files(files(__package__) / "template", "")}
    header = found["data/claims.csv"].partition("\n")[0] + "\n"
    marks = {
        "base": settings.base,
        "prefix": settings.prefix,
        "title": quote(settings.title, language=settings.languages[0]),
        "title_text": as_markdown_cell(settings.title),
        "lang": settings.languages[0],
        "label_lang": settings.text_languages[0],
        "names": str(len(settings.languages) if settings.languages == settings.text_languages else 1),
        "languages": " ".join(f'"{tag}"' for tag in settings.languages),
        "language_list": ", ".join(settings.languages),
        "claim_row": _write_claim(fit_table(header, settings).strip().split(",")),
    }
    made = {_replace_marks(path, marks): _fit(path, text, settings, marks) for path, text in found.items()}
    made[_METADATA] = _write_description(json.loads(made[_METADATA]), settings, notes)
    return dict(sorted(made.items()))


def _fit(path: str, text: str, settings: Settings, marks: Mapping[str, str]) -> str:
    """Fit one file of the template to a project."""
    ending = PurePosixPath(path).suffix
    if ending == ".txt":
        return text
    if ending == ".csv":
        text = fit_table(text, settings)
    elif ending == ".ttl":
        # Whoever corrects the data reads what shapes say of them, as all that the commands report, in English at least.
        text = fit_turtle(text, settings, english=path.startswith("shapes/"))
    elif ending == ".rq" and path.startswith("queries/"):
        text = fit_query(text, settings)
    return _replace_marks(text, marks)


def _write_description(document: dict[str, Any], settings: Settings, notes: Sequence[Mapping[str, Any]]) -> str:
    """Write the description of the tables, a column a line."""
    document = fit_description(document, settings)
    if notes:
        first = document["tables"][0]
        document["tables"][0] = {"url": first["url"], "notes": [dict(note) for note in notes]} | first
    document["@context"][1]["@language"] = settings.languages[0]
    document["dc:title"] = {"@value": settings.title, "@language": settings.languages[0]}
    document["dc:language"] = [{"@value": tag} for tag in settings.languages]
    if settings.licence:
        document["dc:license"] = {"@id": settings.licence}
    else:
        del document["dc:license"]
    return f"{_lay_out(document)}\n"


def _lay_out(value: Any, indent: str = "") -> str:
    """Write JSON with each object of a list on a line of its own, and all else on as few as that leaves."""
    if not _is_laid_out(value):
        return json.dumps(value, ensure_ascii=False)
    inner = f"{indent} "
    if isinstance(value, list):
        parts = [_lay_out(item, inner) for item in value]
    else:
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_lay_out(item, inner)}" for key, item in value.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


def _is_laid_out(value: Any) -> bool:
    """Return whether a value is written over several lines: a list of objects, or what contains one."""
    if isinstance(value, list):
        return len(value) > 1 and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict) and any(map(_is_laid_out, value.values()))


def _write_claim(columns: Sequence[str]) -> str:
    """Write the row of the claim that README adds."""
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in (_CLAIM.get(name, "") for name in columns))


def _replace_marks(text: str, marks: Mapping[str, str]) -> str:
    return _MARK.sub(lambda match: marks[match[1]], text)


def _list_files(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    """List the files below a folder, by their paths with slashes."""
    found: list[tuple[str, Traversable]] = []
    for item in folder.iterdir():
        here = f"{path}{item.name}"
        found += _list_files(item, f"{here}/") if item.is_dir() else [(here, item)]
    return found
