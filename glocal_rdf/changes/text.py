"""Writes changes in words: as text for a terminal, and as Markdown for a changelog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from glocal_rdf.changes.model import Changes, GraphChanges
from glocal_rdf.changes.sections import TITLES, Entry, Line, Section, list_sections
from glocal_rdf.display import as_markdown_cell, visible
from glocal_rdf.i18n import message, plural, translatable
from glocal_rdf.triples import Triples

__all__ = [
    "TABLE_HEADS",
    "count_more",
    "count_part",
    "list_rows",
    "name_part",
    "summarize",
    "write_line",
    "write_markdown",
    "write_text",
]

TABLE_HEADS = tuple(map(translatable, ("thing", "change", "property", "now", "was")))
"""The heads of the table of changes."""

_PARTS = {
    "data": translatable("Data"),
    "graph": translatable("Graph {name}"),
    "ontology": translatable("Ontology"),
    "shapes": translatable("Shapes"),
}
_STATUS = {"new": translatable("New"), "removed": translatable("Removed"), "changed": translatable("Changed")}


def write_text(changes: Changes, lang: str, limit: int = 0, others: Iterable[Triples] = ()) -> str:
    """Write changes as text, a line for each, after a line that sums them up.

    Args:
        changes: The changes.
        lang: The language of names and of the text.
        limit: How many things of each section are listed; 0 for all.
        others: Further graphs with names.
    """
    others = tuple(others)
    lines = [visible(summarize(changes, lang))]
    for graph in changes:
        lines += ["", visible(f"{name_part(graph, lang)}: {count_part(graph, lang)}")]
        for section in list_sections(changes, graph, lang, limit, others):
            lines.append(f"  {message(lang, TITLES[section.kind])} ({len(section):,})")
            lines += [f"    {line}" for line in _write_section(section, lang, visible)]
    if changes.rules:
        lines += ["", f"{message(lang, 'Rules')}:"]
        lines += [visible(f"  {message(lang, _STATUS[rule.status])}: {rule.name}") for rule in changes.rules]
    return "\n".join(lines) + "\n"


def write_markdown(changes: Changes, lang: str, limit: int = 0, others: Iterable[Triples] = (), title: str = "") -> str:
    """Write changes as Markdown: a heading for each graph and each kind of change, with a list.

    Args:
        changes: The changes.
        lang: The language of names and of the text.
        limit: How many things of each section are listed; 0 for all.
        others: Further graphs with names.
        title: The title; by default which versions are compared.
    """
    others = tuple(others)
    names = {"old": changes.old.name, "new": changes.new.name}
    lines = [f"# {as_markdown_cell(title or message(lang, 'Changes from {old} to {new}', **names))}", ""]
    lines += [as_markdown_cell(summarize(changes, lang)), ""]
    for graph in changes:
        lines += [f"## {as_markdown_cell(name_part(graph, lang))}", "", as_markdown_cell(count_part(graph, lang)), ""]
        for section in list_sections(changes, graph, lang, limit, others):
            lines += [f"### {message(lang, TITLES[section.kind])} ({len(section):,})", ""]
            lines += [f"- {line}" for line in _write_section(section, lang, as_markdown_cell, bold=True)]
            lines.append("")
    if changes.rules:
        lines += [f"## {message(lang, 'Rules')}", ""]
        lines += [f"- {message(lang, _STATUS[rule.status])}: {as_markdown_cell(rule.name)}" for rule in changes.rules]
        lines.append("")
    return "\n".join(lines)


def list_rows(
    changes: Changes, lang: str, limit: int = 0, others: Iterable[Triples] = ()
) -> list[tuple[str, str, str, str, str]]:
    """List changes as rows of a table with the heads `TABLE_HEADS`; of what is left out, how much it is.

    Args:
        changes: The changes.
        lang: The language of names and of the text.
        limit: How many things of each section are listed; 0 for all.
        others: Further graphs with names.
    """
    others = tuple(others)
    rows: list[tuple[str, str, str, str, str]] = []
    for graph in changes:
        for section in list_sections(changes, graph, lang, limit, others):
            title = message(lang, TITLES[section.kind])
            kind = title if graph.part == "data" else f"{name_part(graph, lang)}: {title}"
            for entry in section.entries:
                name = f"{entry.name} ({entry.about})" if entry.about else entry.name
                rows += [
                    (name, kind, line.property, line.now or "", _join(line.was, line.remark)) for line in entry.lines
                ]
                if entry.left_out:
                    rows.append((name, kind, "", count_more(entry.left_out, lang), ""))
            if section.left_out:
                rows.append((count_more(section.left_out, lang), kind, "", "", ""))
    rules = message(lang, "Rules")
    rows += [(rule.name, f"{rules}: {message(lang, _STATUS[rule.status])}", "", "", "") for rule in changes.rules]
    return rows


def summarize(changes: Changes, lang: str) -> str:
    """Say on one line between which versions how many triples were added and removed."""
    names = {"old": changes.old.name, "new": changes.new.name}
    if not changes:
        return message(lang, "{old} and {new}: no differences", **names)
    if not changes.graphs:
        return message(lang, "From {old} to {new}: {changes}", changes=message(lang, "rules only"), **names)
    counted = _count_triples(changes.added, changes.removed, lang)
    return message(lang, "From {old} to {new}: {changes}", changes=counted, **names)


def _count_triples(added: int, removed: int, lang: str) -> str:
    first = plural(lang, "{number:,} triple added", "{number:,} triples added", added)
    return message(lang, "{added}, {removed} removed", added=first, removed=f"{removed:,}")


def name_part(graph: GraphChanges, lang: str) -> str:
    """Name the part of a dataset that a graph is.

    Args:
        graph: The changes of the graph.
        lang: The language.
    """
    return message(lang, _PARTS[graph.part], **({"name": graph.graph} if graph.graph else {}))


def count_part(graph: GraphChanges, lang: str) -> str:
    """Say how many triples of a graph were added and removed, and how many of them rules inferred.

    Args:
        graph: The changes of the graph.
        lang: The language.
    """
    line = _count_triples(len(graph.added), len(graph.removed), lang)
    if any(graph.inferred):
        inferred = dict(zip(("added", "removed"), (f"{count:,}" for count in graph.inferred), strict=True))
        more = message(lang, "of these {added} and {removed} inferred by rules, which are not listed", **inferred)
        return f"{line}; {more}"
    return line


def _write_section(section: Section, lang: str, escape: Callable[[str], str], *, bold: bool = False) -> Iterator[str]:
    for entry in section.entries:
        yield from _write_entry(section, entry, lang, escape, bold=bold)
    if section.left_out:
        yield count_more(section.left_out, lang)


def _write_entry(
    section: Section, entry: Entry, lang: str, escape: Callable[[str], str], *, bold: bool
) -> Iterator[str]:
    name = f"**{escape(entry.name)}**" if bold and entry.name.strip() else escape(entry.name)
    name = f"{name} ({escape(entry.about)})" if entry.about else name
    if section.kind.startswith(("new", "removed")):
        parts = [f"{escape(line.property)} {escape(line.now or line.was or '')}".rstrip() for line in entry.lines]
        parts += [count_more(entry.left_out, lang)] if entry.left_out else []
        yield f"{name}: {'; '.join(parts)}" if parts else name
        return
    for line in entry.lines:
        yield f"{name}: {write_line(line, lang, escape)}"


def write_line(line: Line, lang: str, escape: Callable[[str], str] = str) -> str:
    """Say one change of a thing: a property with its value now, before, or both.

    Args:
        line: The change.
        lang: The language.
        escape: What is done with names and values.
    """
    now, was = (None if text is None else escape(text) for text in (line.now, line.was))
    values = {"property": escape(line.property), "now": now, "was": was}
    if not line.property:
        said = message(lang, "now {now}, was {was}", now=now, was=was)
    elif now is not None and was is not None:
        said = message(lang, "{property} {now}, was {was}", **values)
    elif was is None:
        said = message(lang, "{property} {now}, added", property=values["property"], now=now)
    else:
        said = message(lang, "{property} {was}, removed", property=values["property"], was=was)
    return f"{said} ({escape(line.remark)})" if line.remark else said


def _join(was: str | None, remark: str) -> str:
    return " ".join(filter(None, (was or "", f"({remark})" if remark else "")))


def count_more(number: int, lang: str) -> str:
    """Say how many more there are than are listed.

    Args:
        number: How many.
        lang: The language.
    """
    return plural(lang, "… and {number:,} more", "… and {number:,} more", number)
