"""Freezes a version of a project in `releases/`: its graph, what changed in words, checksums, and redirects.

1. The project is built and validated, with the version and its date in the description of its dataset.
2. It is compared with the release before. Released IRIs that are gone need a redirect or are withdrawn, and none may
   come to mean another thing.
3. The files are written beside their place and renamed into it, so that there is the whole release or none.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from glocal_rdf.changes import Changes, GraphVersion, compare_versions
from glocal_rdf.changes.json import to_record
from glocal_rdf.changes.text import write_markdown
from glocal_rdf.dataset import Build
from glocal_rdf.display import as_markdown_cell
from glocal_rdf.errors import InputError, OutputError, Problem
from glocal_rdf.files import make_folder, write_bytes
from glocal_rdf.i18n import message, translatable
from glocal_rdf.namespaces import expand
from glocal_rdf.operations import build as building
from glocal_rdf.operations.dataset_metadata import describe_dataset
from glocal_rdf.operations.diff import describe_version, read_release
from glocal_rdf.operations.validate import validate_build
from glocal_rdf.operations.validation_report import Validation
from glocal_rdf.project import Project
from glocal_rdf.releases import Redirect, Redirects, Release, check_version, is_later, list_releases
from glocal_rdf.releases.folders import FOLDER, INFERRED, write_checksums
from glocal_rdf.releases.metadata import find_dataset, list_stated_versions, set_version
from glocal_rdf.releases.redirects import REDIRECTS
from glocal_rdf.releases.rules import find_gone, find_returned, find_reused, find_wrong_redirects, list_released
from glocal_rdf.shacl.report import has_results_at
from glocal_rdf.triples import Triples
from glocal_rdf.triples.datasets import Dataset

__all__ = ["ReleasePlan", "plan_release", "release", "write_release"]

_FIRST: Final = (translatable("The first release."), translatable("what"), translatable("count"))
_LISTED: Final = 200
"""How many things of each section `changes.md` lists; `changes.json.gz` has all."""


@dataclass(frozen=True, eq=False, repr=False)
class ReleasePlan:
    """A release that is made but not written.

    Attributes:
        project: The project.
        version: The version.
        previous: The release before it; None for the first one.
        built: The build, with the version in the description of its dataset.
        description: The description of the dataset, with the version.
        report: The validation report.
        changes: The changes since the previous release; None for the first one.
        redirects: All redirects that are kept from now on.
        added: The redirects that this release adds.
        proposals: Renamings that were found and are not in the redirects.
        problems: Why the version cannot be released; empty where it can.
        warnings: What may be wrong with it.
        lang: The language of the changelog.
    """

    project: Project
    version: str
    previous: Release | None
    built: Build
    description: Triples
    report: Validation
    changes: Changes | None
    redirects: Redirects
    added: tuple[Redirect, ...] = ()
    proposals: tuple[Redirect, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    lang: str = "en"

    def __repr__(self) -> str:
        return f"<ReleasePlan of {self.project.name} {self.version}: {len(self.problems)} problems>"

    @property
    def folder(self) -> Path:
        """The folder that the release is written to."""
        return self.project.root / FOLDER / self.version

    @property
    def conforms(self) -> bool:
        """Whether the graph was validated and has no violations."""
        return self.report.parts[0].validated and not has_results_at(self.report, "violation")


def release(
    project: Project,
    version: str,
    issued: date,
    *,
    renamed: Mapping[str, str] | None = None,
    withdrawn: Iterable[str] = (),
    reason: str = "",
    accept_renames: bool = False,
    lang: str = "en",
) -> Path:
    """Release a version of a project.

    Args:
        project: The project.
        version: The version, later than all that were released.
        issued: The day of the release.
        renamed: The IRIs of things by the IRIs that they had in the previous release.
        withdrawn: Released IRIs whose things are gone. One that ends with `*` stands for all that begin like it.
        reason: Why things were renamed or withdrawn.
        accept_renames: Whether renamings that are found are redirected without being named, where all statements are
            the same.
        lang: The language of the changelog.

    Returns:
        The folder of the release.

    Raises:
        InputError: Where the version is not later than the previous one; with every reason why it cannot be released.
        TableError: Where the project cannot be built.
        OutputError: Where the release cannot be written.
    """
    plan = plan_release(
        project,
        version,
        issued,
        renamed=renamed,
        withdrawn=withdrawn,
        reason=reason,
        accept_renames=accept_renames,
        lang=lang,
    )
    return write_release(plan)


def plan_release(
    project: Project,
    version: str,
    issued: date,
    *,
    renamed: Mapping[str, str] | None = None,
    withdrawn: Iterable[str] = (),
    reason: str = "",
    accept_renames: bool = False,
    lang: str = "en",
) -> ReleasePlan:
    """Do everything that a release needs, and write nothing.

    Args:
        project: The project.
        version: The version, later than all that were released.
        issued: The day of the release.
        renamed: The IRIs of things by the IRIs that they had in the previous release.
        withdrawn: Released IRIs whose things are gone; with `*` at the end all that begin so.
        reason: Why things were renamed or withdrawn.
        accept_renames: Whether exact renamings that are found are redirected without being named.
        lang: The language of the changelog.

    Raises:
        InputError: Where the version is not later than the previous one, or redirects lead in a circle.
        TableError: Where the project cannot be built.
    """
    previous = _check_order(project, version)
    built = _build_version(project, version, issued, previous.version if previous else "")
    report = validate_build(built, source_graphs=True)
    now = describe_version(built, version)
    before = read_release(previous) if previous else None
    changes = compare_versions(before, now) if before else None
    table = Redirects.read(project.root / FOLDER / REDIRECTS)
    warnings = [*now.problems, *_warn(project, built, version, previous)]
    described = describe_dataset(built.conversion)
    former = previous.version if previous else ""
    given_up = list(withdrawn)
    patterns = [iri for iri in given_up if iri.endswith("*")]
    asked = [iri for iri in given_up if not iri.endswith("*")]
    description = set_version(described, find_dataset(described), version, issued, former)
    plan = ReleasePlan(
        project, version, previous, built, description, report, changes, table, warnings=tuple(warnings), lang=lang
    )
    if before is None or changes is None:
        wanted = [*(renamed or ()), *asked, *patterns]
        problems = [
            Problem(iri, "was not released, since this is the first release", kind="redirect") for iri in wanted
        ]
        return replace(plan, problems=tuple(problems))
    released = list_released(before.data, before.ontology)
    added = [*_complete_rows(table, version), *_list_asked(renamed or {}, asked, version, reason, built.query_prefixes)]
    given = {row.old for row in (*added, *table)}
    found = [
        (one.exact, Redirect(one.old[1:-1], one.new[1:-1], version, reason))
        for graph in changes
        if graph.part in {"data", "ontology"}
        for one in graph.renames
        if one.old[1:-1] in released and one.old[1:-1] not in given
    ]
    added += [row for exact, row in found if exact and accept_renames]
    # What is withdrawn by a pattern is what nothing else explains.
    left = find_gone(released, now.data, now.ontology, Redirects((*table, *added)))
    added += _list_matching(left, patterns, version, reason, built.query_prefixes)
    given = {row.old for row in added}
    proposals = [row for _, row in found if row.old not in given]
    whole = Redirects(tuple(row for row in table if row.since)).add(added)
    problems = [
        *find_wrong_redirects(added, released, now.data, now.ontology),
        *_describe_gone(
            find_gone(released, now.data, now.ontology, whole), before, {row.old: row.new for row in proposals}
        ),
        *find_returned(now.data, now.ontology, whole),
        *find_reused(before.data, now.data),
    ]
    return replace(plan, redirects=whole, added=tuple(added), proposals=tuple(proposals), problems=tuple(problems))


def write_release(plan: ReleasePlan) -> Path:
    """Write a release: beside its place, and renamed into it.

    Returns:
        The folder of the release.

    Raises:
        InputError: With every reason why the version cannot be released.
        OutputError: Where it cannot be written, or is there already.
    """
    if plan.problems:
        raise InputError.of(plan.problems)
    if not plan.conforms:
        raise InputError.at(
            plan.version, "the graph does not conform to its shapes", "glocal validate lists the results"
        )
    parent = make_folder(plan.project.root / FOLDER)
    beside = parent / f".{plan.version}.{secrets.token_hex(8)}.part"
    table = parent / REDIRECTS
    description = table.with_name(f"{REDIRECTS}-metadata.json")
    former = table.read_bytes() if table.is_file() else None
    try:
        make_folder(beside)
        for name, content in list_files(plan):
            make_folder((beside / name).parent)
            write_bytes(content, beside / name)
        write_checksums(beside)
        if plan.redirects or former is not None:
            write_bytes(plan.redirects.serialize(), table)
            write_bytes(Redirects.describe(), description)
        try:
            if plan.folder.exists():
                raise FileExistsError
            beside.rename(plan.folder)
        except OSError as error:
            if former is None:
                table.unlink(missing_ok=True)
                description.unlink(missing_ok=True)
            else:
                write_bytes(former, table)
            raise OutputError.at(plan.folder, "cannot be written", "it may be there already") from error
    except OSError as error:
        raise OutputError.at(
            parent, f"cannot be written ({error.strerror})", "make room, or allow writing there"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return plan.folder


def list_files(plan: ReleasePlan) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the files of a release, but for the checksums; `.gz` is packed when written."""
    built, name = plan.built, plan.project.name
    version = describe_version(built, plan.version)
    yield f"{name}.nt.gz", built.triples.sort().serialize("ntriples")
    yield f"{name}.ttl.gz", built.triples.serialize("turtle", built.prefixes)
    if len(built.inferred):
        yield INFERRED, built.inferred.sort().serialize("ntriples")
    yield "dataset.ttl", plan.description.serialize("turtle", built.prefixes)
    if version.ontology is not None:
        yield "ontology.ttl", version.ontology.serialize("turtle", built.prefixes)
    if version.shapes is not None:
        yield "shapes.ttl", version.shapes.serialize("turtle", built.prefixes)
    for rule, text in plan.project.rules.items():
        yield f"rules/{rule}.rq", text.encode()
    for source in built.source_graphs:
        graph = Dataset(source.triples.empty(), {source.iri: source.triples})
        yield f"external/{source.name}.trig", graph.serialize("trig", built.prefixes)
    if plan.redirects:
        yield REDIRECTS, plan.redirects.serialize()
        yield f"{REDIRECTS}-metadata.json", Redirects.describe()
    yield "changes.md", _write_changelog(plan).encode()
    if plan.changes is not None:
        record = to_record(plan.changes, plan.lang)
        yield "changes.json.gz", (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()


def _check_order(project: Project, version: str) -> Release | None:
    """Return the release before a version; a version that is there, or not later than all, is an error."""
    check_version(version)
    releases = list_releases(project.root)
    if (project.root / FOLDER / version).exists():
        raise InputError.at(project.root / FOLDER / version, "is released already", "choose a later version")
    latest = releases[-1] if releases else None
    if latest is not None and not is_later(version, latest.version):
        raise InputError.at(
            "version", f"{version} is not later than {latest.version}, which is released", "choose a later one"
        )
    return latest


def _build_version(project: Project, version: str, issued: date, previous: str) -> Build:
    """Build the project, with the version in the description of its dataset."""
    built = building.build(project)
    dataset = find_dataset(describe_dataset(built.conversion))
    return replace(built, stated=set_version(built.stated, dataset, version, issued, previous))


def _warn(project: Project, built: Build, version: str, previous: Release | None) -> Iterator[Problem]:
    """Yield warnings about the description of the dataset."""
    described = describe_dataset(built.conversion)
    where = str(project.metadata)
    odd = [stated for stated in list_stated_versions(described) if stated != version]
    if odd:
        what = f"states version {', '.join(odd)}; the release has {version}"
        yield Problem(where, what, "state it there too, or leave it to the releases", level="warning", kind="version")
    if previous and not find_dataset(described).startswith("<"):
        what = "the table group has no @id, so the release cannot refer to the previous one"
        yield Problem(where, what, "give it the IRI of the dataset", level="warning", kind="version")


def _complete_rows(table: Redirects, version: str) -> list[Redirect]:
    """Return the redirects that were written by hand since the last release, which have no version yet."""
    return [replace(row, since=version) for row in table if not row.since]


def _list_asked(
    renamed: Mapping[str, str], withdrawn: Iterable[str], version: str, reason: str, prefixes: Mapping[str, str]
) -> list[Redirect]:
    """Return the redirects that a person asks for; IRIs may be compact."""
    rows = [
        Redirect(_read_iri(old, prefixes), _read_iri(new, prefixes), version, reason) for old, new in renamed.items()
    ]
    return [*rows, *(Redirect(_read_iri(iri, prefixes), "", version, reason) for iri in withdrawn)]


def _list_matching(
    gone: Sequence[str], patterns: Iterable[str], version: str, reason: str, prefixes: Mapping[str, str]
) -> list[Redirect]:
    """Return redirects of the IRIs that are gone and begin like a pattern; one that none begins like is an error."""
    rows: dict[str, Redirect] = {}
    for pattern in patterns:
        beginning = _read_iri(pattern, prefixes).removesuffix("*")
        found = [iri for iri in gone if iri.startswith(beginning)]
        if not found:
            raise InputError.at(pattern, "no released IRI that begins so is gone", "check the IRI")
        rows |= {iri: Redirect(iri, "", version, reason) for iri in found}
    return list(rows.values())


def _read_iri(text: str, prefixes: Mapping[str, str]) -> str:
    return expand(text, prefixes) or text.strip("<>")


def _describe_gone(gone: Iterable[str], before: GraphVersion, proposed: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each released IRI that is gone."""
    for iri in gone:
        if iri in proposed:
            what, hint = f"was released, and seems to be {proposed[iri]} now", f"--renamed {iri}={proposed[iri]}"
        else:
            what = f"was released in {before.name}, and is gone"
            hint = "withdraw it (--withdrawn, --reason), or give its new IRI (--renamed OLD=NEW)"
        yield Problem(iri, what, hint, kind="gone")


def _write_changelog(plan: ReleasePlan) -> str:
    """Write the changes since the previous release in words."""
    title = f"{plan.project.name} {plan.version}"
    if plan.changes is not None:
        return write_markdown(plan.changes, plan.lang, _LISTED, title=title)
    rows = [f"| {as_markdown_cell(name)} | {count:,} |" for name, count in plan.built.counts(plan.lang).items()]
    first, what, count = (message(plan.lang, text) for text in _FIRST)
    head = [f"# {as_markdown_cell(title)}", "", first, "", f"| {what} | {count} |", "| --- | --- |"]
    return "\n".join([*head, *rows, ""])
