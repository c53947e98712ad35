"""Fits the files of the template to the languages of a project: literals, columns and texts in others are left out.

The files of the template have every text in all `TEXT_LANGUAGES`, side by side:

1. In Turtle, `"claim"@en , "主張"@zh-Hant`: the literals of the languages that the project has are kept.
2. In tables, a header `name@en` is the column of a language; each language of the project has such columns, which are
   empty where the template has no text in it.
3. In the description of the tables, a column whose `lang` is `*` stands for one of each language, and of the texts of a
   property those of the project's languages are kept.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final

from glocal_rdf.scaffold.documents.settings import TEXT_LANGUAGES, Settings

__all__ = ["fit_description", "fit_query", "fit_table", "fit_turtle"]

_LITERAL: Final = r'"(?:[^"\\\n]|\\.)*"@'
_SIDE_BY_SIDE: Final = re.compile(r"(\s*,\s*)".join(f"({_LITERAL}{re.escape(tag)})" for tag in TEXT_LANGUAGES))


def fit_turtle(text: str, settings: Settings, *, english: bool = False) -> str:
    """Keep the literals of a project's languages.

    Args:
        text: A file in Turtle.
        settings: The settings of the project.
        english: Whether English is kept in any case.
    """
    kept = [tag in settings.text_languages or (english and tag == "en") for tag in TEXT_LANGUAGES]

    def choose(match: re.Match[str]) -> str:
        if all(kept):
            return match[0]
        return match[1] if kept[0] else match[3]

    return _SIDE_BY_SIDE.sub(choose, text)


def fit_query(text: str, settings: Settings) -> str:
    """Give a question a title and a description in a language of the project, and no line that is in none.

    Args:
        text: A question in SPARQL, with its comments.
        settings: The settings of the project.
    """
    lines = text.split("\n")
    if "zh-Hant" not in settings.text_languages:
        lines = [line for line in lines if not re.match(r"# (?:title|description)-zh:", line)]
    return "\n".join(lines)


def fit_table(text: str, settings: Settings) -> str:
    """Write a table with the columns of a project's languages.

    Rows that have their one name in a language that the project does not have are left out.

    Args:
        text: The table, with headers such as `name@en`.
        settings: The settings of the project.
    """
    header, *rows = list(csv.reader(io.StringIO(text)))
    columns: list[tuple[str, int | None]] = []
    for place, title in enumerate(header):
        name, mark, tag = title.partition("@")
        if not mark:
            columns.append((title, place))
        elif tag == TEXT_LANGUAGES[0]:
            known = {one.partition("@")[2]: at for at, one in enumerate(header) if one.startswith(f"{name}@")}
            columns += [(f"{name}_{suffix}", known.get(tag)) for tag, suffix in settings.suffixes.items()]
    names = [place for place, title in enumerate(header) if title.startswith("name@")]
    shown = [place for title, place in columns if title.startswith("name_") and place is not None]
    kept = [row for row in rows if not any(row[at] for at in names) or any(row[at] for at in shown)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([title for title, _ in columns])
    writer.writerows([["" if place is None else row[place] for _, place in columns] for row in kept])
    return out.getvalue()


def fit_description(value: Any, settings: Settings) -> Any:
    """Write out the columns of each language, and keep the texts of a project's languages.

    Args:
        value: A part of a metadata document.
        settings: The settings of the project.
    """
    if isinstance(value, dict):
        return {key: fit_description(item, settings) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    found: list[Any] = []
    for item in value:
        if isinstance(item, dict) and item.get("lang") == "*":
            found += [
                item | {"name": f"{item['name']}_{suffix}", "titles": f"{item['name']}_{suffix}", "lang": tag}
                for tag, suffix in settings.suffixes.items()
            ]
        elif not (isinstance(item, dict) and "@value" in item) or item["@language"] in settings.text_languages:
            found.append(fit_description(item, settings))
    return found
