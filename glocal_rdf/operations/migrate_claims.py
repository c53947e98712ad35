"""Rewrites a project's tables of claims of version 0.5 in the form of 0.6, and compares the graphs before and after.

The new tables are built in a copy of the project first. Its graph may differ from the old one in the listed ways alone,
else nothing is written:

1. The claims of one statement in two languages are one, with the identifier of the first.
2. Claims have their dates in EDTF as well (`edtf`, `time`).
3. A date with a bound is a set of EDTF that is not exact, and has the years that it can lie in.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glocal_rdf.claims import expansion
from glocal_rdf.csvw.description.json_text import edit_json
from glocal_rdf.errors import InputError, Problem
from glocal_rdf.files import make_folder, write_bytes
from glocal_rdf.lazy import pl
from glocal_rdf.namespaces import EDTF, RDF, RDF_TYPE, RDFS_LABEL, SKOS, XSD, local_name, term
from glocal_rdf.operations.build import build
from glocal_rdf.project import METADATA, Project, read_text
from glocal_rdf.scaffold.documents.migration import Migration, migrate_claims
from glocal_rdf.scaffold.documents.migration_tables import lay_out_table
from glocal_rdf.triples import Triples, terms
from glocal_rdf.vocabulary import GLOCAL, glocal

__all__ = ["Migrated", "compare_graphs", "migrate"]

NEW_TERMS = ("time", "edtf", "earliestYear", "latestYear")
"""The properties that claims have only in the new form."""

_TABLES = (".csv", ".json")
_TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True)
class Migrated:
    """What became of a project.

    Attributes:
        files: The files that were written.
        merged: The IRIs of claims that are no longer used, each with that of the claim that has its statement now.
        rows: How many claims there were, and how many there are.
        changes: How many triples differ in each of the listed ways, in words.
    """

    files: tuple[Path, ...]
    merged: Mapping[str, str]
    rows: tuple[int, int]
    changes: Mapping[str, int]


def migrate(project: Project) -> Migrated | None:
    """Rewrite the tables of claims of a project in the form of 0.6.

    Args:
        project: The project; its files in `data/` are replaced, and the terms for dates are added to its ontology
            where its claims have terms of its own.

    Returns:
        What was changed; None where nothing is to be changed.

    Raises:
        InputError: With each row that cannot be rewritten, or each triple that would be lost; nothing is written then.
    """
    folder = project.metadata.parent
    texts = {path.name: read_text(path) for path in sorted(folder.iterdir()) if path.suffix in _TABLES}
    notations = {subject[1:-1]: terms.unquote(value) for subject, value in _list_notations(project)}
    migration = migrate_claims(texts, project.declared_prefixes, notations)
    if migration is None:
        return None
    new = _list_texts(project, texts, migration)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "project"
        ignored = shutil.ignore_patterns(".*", "documents", "build", "node_modules")
        shutil.copytree(project.root, copy, ignore=ignored)
        for name, text in new.items():
            write_bytes(text.encode(), copy / name)
        merged = {f"{project.space}{old}": f"{project.space}{kept}" for old, kept in migration.merged.items()}
        changes = compare_graphs(build(project).triples, build(Project.open(copy)).triples, merged)
    files = [project.root / name for name in new]
    for file, text in zip(files, new.values(), strict=True):
        make_folder(file.parent)
        write_bytes(text.encode(), file)
    return Migrated(tuple(files), merged, migration.rows, changes)


def compare_graphs(old: Triples, new: Triples, merged: Mapping[str, str]) -> dict[str, int]:
    """Compare the graphs of a project in both forms.

    Args:
        old: The graph that the former tables make.
        new: The graph that the new tables make.
        merged: The IRIs of claims that are no longer used, each with the one that has its statement now.

    Returns:
        How many triples differ in each of the listed ways.

    Raises:
        InputError: With triples that differ in no such way.
    """
    found = {"claims merged with the one that has their statement in another language": len(merged)}
    replaced = {f"<{one}>": f"<{other}>" for one, other in merged.items()}
    mapped = old.frame.with_columns(
        pl.col("subject").replace(replaced),
        pl.when(pl.col("object").str.starts_with("<")).then(pl.col("object").replace(replaced)).otherwise("object"),
    )
    before = Triples(mapped).distinct()
    added = pl.any_horizontal(
        pl.col("predicate").str.ends_with(f"{mark}{name}>") for name in NEW_TERMS for mark in "#/"
    )
    dates = new.frame.filter(added)
    found["dates in EDTF, and the years of those that are not exact"] = dates.height
    after = Triples(new.frame.filter(~added))
    lost, gained = before.difference(after).frame, after.difference(before).frame
    # A date with a bound: its object, its bound and its truthy statement.
    bounded = gained.filter(pl.col("object").str.ends_with(f"^^{term(EDTF, 'EDTF')}"))
    claims = bounded.filter(pl.col("predicate") == expansion.OBJECT).select("subject")
    typed = pl.col("object").str.contains(f"{XSD}(gYear|gYearMonth|date)>$")
    own = pl.col("subject").is_in(claims["subject"].implode())
    of_claims = lost.filter(own & (typed | (pl.col("predicate").str.ends_with("#bound>"))))
    same = lost.filter(typed).join(bounded, on=["subject", "predicate"], how="semi")
    gone = pl.concat([of_claims, same]).unique()
    found["dates with a bound that are sets of EDTF"] = claims.height
    lost, gained = lost.join(gone, on=_TRIPLE, how="anti"), gained.join(bounded, on=_TRIPLE, how="anti")
    if lost.height or gained.height:
        raise InputError.of(
            Problem(" ".join(triple), what, "the tables were left as they are")
            for what, frame in (("would be lost", lost), ("would be added", gained))
            for triple in frame.sort(_TRIPLE).head(20).iter_rows()
        )
    return {what: number for what, number in found.items() if number}


def _list_notations(project: Project) -> list[tuple[str, str]]:
    found = project.ontology.match(predicate=term(SKOS, "notation"))
    return [(subject, value) for subject, _, value in found]


def _list_texts(project: Project, before: Mapping[str, str], migration: Migration) -> dict[str, str]:
    """Return the new text of each file, by its name in the project."""
    new = {f"data/{name}": text for name, text in migration.files.items()}
    new[METADATA.as_posix()] = _write_description(before[METADATA.name], migration.document)
    if terms_of_dates := _write_terms(project, migration):
        new["ontology/edtf.ttl"] = terms_of_dates
    return new


def _write_description(before: str, document: Mapping[str, Any]) -> str:
    """Write the description of the tables in the form that it had; tables that are new get a line for each column."""
    known = {table["url"] for table in json.loads(before)["tables"]}
    new = {f"table:{table['url']}": table for table in document["tables"] if table["url"] not in known}
    marks = [f"table:{table['url']}" if table["url"] not in known else table for table in document["tables"]]
    text = edit_json(before, {**document, "tables": marks})
    for mark, table in new.items():
        text = text.replace(json.dumps(mark), lay_out_table(table), 1)
    return text


def _write_terms(project: Project, migration: Migration) -> str:
    """Write the terms for dates in the namespace that the claims of a project are in; empty where it has them."""
    columns = [one for table in migration.document["tables"] for one in table["tableSchema"].get("columns", [])]
    used = next(
        (c["propertyUrl"] for c in columns if c.get("datatype", {}) and c.get("name") == "time"), glocal("time")[1:-1]
    )
    namespace = used.removesuffix("time")
    if namespace == GLOCAL or f"<{used}>" in set(project.ontology.match(predicate=RDF_TYPE).frame["subject"]):
        return ""
    known = Project.bundled().ontology
    wanted = {term(SKOS, "definition"), term(RDF, "type"), RDFS_LABEL}
    rows = [
        (f"<{namespace}{name}>", predicate, value)
        for name in NEW_TERMS
        for _, predicate, value in known.match(subject=glocal(name)).sort()
        if predicate in wanted
    ]
    header = f"# Dates of claims in EDTF: {', '.join(local_name(name) for name in NEW_TERMS)}.\n"
    return header + Triples.from_terms(rows).serialize("turtle", project.declared_prefixes).decode()
