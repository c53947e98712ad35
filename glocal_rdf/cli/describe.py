"""`glocal describe`: writes or updates the description of a table, and takes decisions about it without any JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glocal_rdf.cli.options import dry_run_option, json_option
from glocal_rdf.cli.output import print_json, print_note, print_problems, print_table, write_result

if TYPE_CHECKING:
    from glocal_rdf.operations.describe import Decisions, TableDescription

HEADS = ("column", "datatype", "form", "empty", "distinct", "examples")
MAX_EXAMPLE_LENGTH = 30


class Pairs(click.ParamType):  # type: ignore[type-arg]
    """A value for a column: COLUMN=VALUE."""

    name = "COLUMN=VALUE"

    def __init__(self, value: str, *, column: bool = True) -> None:
        """Take the name of the value in the help, and whether a column must be named."""
        self.value, self.column = value, column

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return what is to be written, for the help."""
        return f"COLUMN={self.value}" if self.column else f"[COLUMN=]{self.value}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the column and the value.

        Args:
            value: What the user wrote, or the pair that was made of it before.
            param: The option, for the message.
            ctx: The context, for the message.

        Raises:
            BadParameter: Where there is no `=`.
        """
        if isinstance(value, tuple):
            return value
        column, mark, found = str(value).partition("=")
        if mark and column:
            return column, found
        if self.column or mark:
            raise click.BadParameter(f"{value!r} is not {self.get_metavar(param)}.", ctx, param)  # type: ignore[arg-type]
        return "", column


@click.command("describe")
@click.argument("source", metavar="FILE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The description to write or update; - prints it. Default: the one that the table has, or FILE-metadata.json.",
)
@click.option("--key", multiple=True, metavar="COLUMN", help="The column that identifies a row; repeat it for several.")
@click.option("--class", "classes", multiple=True, metavar="IRI", help="The class of what the rows describe.")
@click.option("--property", "properties", multiple=True, type=Pairs("IRI"), help="The property of a column.")
@click.option(
    "--datatype",
    "datatypes",
    multiple=True,
    type=Pairs("TYPE"),
    help="A datatype, with a format after a colon: gYear, decimal:#.##0,00, boolean:ja|nein.",
)
@click.option(
    "--date",
    "dates",
    multiple=True,
    type=Pairs("FORMAT", column=False),
    help="The format of dates, as dd.MM.yyyy; without a column, of all whose dates are in doubt.",
)
@click.option("--text", "texts", multiple=True, metavar="COLUMN", help="The column stays text.")
@click.option("--list", "lists", multiple=True, type=Pairs("MARK"), help="The mark between the items of a cell.")
@click.option("--lang", "languages", multiple=True, type=Pairs("TAG"), help="The language of the texts of a column.")
@click.option("--null", "nulls", multiple=True, type=Pairs("WORD"), help="A word that stands for no value.")
@click.option(
    "--refers",
    "references",
    multiple=True,
    type=Pairs("TABLE.COLUMN"),
    help="The column of another table in the same description whose values stand in this column.",
)
@click.option("--accept", "accepted", multiple=True, metavar="COLUMN", help="The column is described as it should be.")
@click.option("--accept-layout", is_flag=True, help="Header, dialect and rows are described as they should be.")
@click.option("--encoding", default="", metavar="NAME", help="The encoding of the file, as big5.")
@click.option("--rename", "renamed", multiple=True, type=Pairs("HEADER"), help="The header that a column has now.")
@click.option("--drop", "dropped", multiple=True, metavar="COLUMN", help="A column that the table does not have now.")
@click.option(
    "--force", is_flag=True, help="Write a description anew, although one is there: what was written by hand is lost."
)
@dry_run_option
@click.option("--ontology", "as_ontology", is_flag=True, help="Print the ontology that init would make; write nothing.")
@click.option("--shapes", "as_shapes", is_flag=True, help="Print the shapes that init would make; write nothing.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    output: Path | None,
    force: bool,
    dry_run: bool,
    as_ontology: bool,
    as_shapes: bool,
    as_json: bool,
    accept_layout: bool,
    **given: Any,
) -> None:
    """Describe a table (CSV on the Web), or bring its description up to date.

    FILE is CSV, TSV, a spreadsheet (.xlsx, .ods; a sheet as book.xlsx#sheet=NAME) or Parquet. What all cells make
    certain is guessed; the rest stays text, and is an open decision until it is taken, here or in the description. In a
    description that is there, everything written by hand is kept: only new columns and decisions are added.

    Decisions are checked against all cells before anything is written. COLUMN is a name or a header; each option can be
    repeated. Open decisions are shown by glocal build too.

    \b
    Examples:
      glocal describe cities.csv
      glocal describe cities.csv --key id --class schema:City --property founded=schema:foundingDate
      glocal describe cities.csv --date 'dd.MM.yyyy' --datatype 'area=decimal:,' --list 'networks=;'
      glocal describe cities.csv -o csv-metadata.json --refers country=countries.code

    Exit code 0: done; 1: cells contradict a decision, or columns are gone, and nothing was written; or cells do not fit
    the description that is there; 2: could not be done.
    """
    from glocal_rdf.errors import TableError
    from glocal_rdf.operations.describe import REFUSED, describe
    from glocal_rdf.operations.description_files import Written, write_description

    to_stdout = str(output) == "-"
    decisions = _read_decisions(given, accept_layout=accept_layout)
    if as_json and to_stdout:
        raise click.UsageError("JSON holds the description too: leave -o - or --format json out.", ctx)
    try:
        found = describe(source, decisions, output=None if to_stdout else output, force=force)
    except TableError as error:
        if any(problem.kind != REFUSED for problem in error.problems):
            raise
        print_problems(error.problems)
        ctx.exit(1)
    if as_ontology or as_shapes:
        if as_json or to_stdout:
            raise click.UsageError("--ontology and --shapes print Turtle; leave --format json and -o - out.", ctx)
        _print_terms(found, as_ontology=as_ontology, as_shapes=as_shapes)
        ctx.exit(1 if found.errors else 0)
    written = not (dry_run or to_stdout)
    files = write_description(found) if written else Written()
    _print(found, as_json=as_json, to_stdout=to_stdout)
    print_problems(files.problems)
    if not to_stdout:
        print_note(_outcome(found, written=written))
        for path in files.files[1:]:
            print_note(f"updated {path}, which is made of it")
    ctx.exit(1 if found.errors else 0)


def _read_decisions(given: dict[str, Any], *, accept_layout: bool) -> Decisions:
    """Return the decisions of the options.

    Raises:
        UsageError: Where a column is given two values.
    """
    from glocal_rdf.operations.describe import Decisions

    nulls: dict[str, list[str]] = {}
    for column, word in given["nulls"]:
        nulls.setdefault(column, []).append(word)
    general = [form for column, form in given["dates"] if not column]
    if len(general) > 1:
        raise click.UsageError(f"--date is given {len(general)} times without a column.")
    single = {
        name: _as_mapping(name, given[name])
        for name in ("properties", "datatypes", "lists", "references", "languages", "renamed")
    }
    return Decisions(
        key=given["key"],
        classes=given["classes"],
        dates=_as_mapping("dates", [(c, f) for c, f in given["dates"] if c]),
        date=general[0] if general else "",
        nulls=nulls,
        texts=given["texts"],
        accepted=given["accepted"],
        accept_layout=accept_layout,
        encoding=given["encoding"],
        dropped=given["dropped"],
        **single,
    )


def _as_mapping(name: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, value in pairs:
        if found.setdefault(column, value) != value:
            raise click.UsageError(f"{name}: {column!r} is given {found[column]!r} and {value!r}; keep one.")
    return found


def _print(found: TableDescription, *, as_json: bool, to_stdout: bool) -> None:
    """Print the columns on stdout, or the description, or JSON; open decisions and problems on stderr."""
    from glocal_rdf.operations.describe import list_decisions, list_suggestions, to_record

    if as_json:
        print_json(to_record(found))
        return
    if to_stdout:
        write_result(found.text, None)
    else:
        print_table(HEADS, [_row(column) for column in found.columns])
    print_problems(list_decisions(found))
    for line in list_suggestions(found):
        print_note(line)
    print_problems(found.problems, labelled=True)


def _print_terms(found: TableDescription, *, as_ontology: bool, as_shapes: bool) -> None:
    """Print the ontology and shapes that a project of the table would have, as Turtle on stdout."""
    from glocal_rdf.operations.table_terms import draft_ontology, draft_shapes

    made = [make(found) for make, wanted in ((draft_ontology, as_ontology), (draft_shapes, as_shapes)) if wanted]
    write_result("\n".join(made), None)
    print_problems(found.problems, labelled=True)
    without = [column.name for column in found.columns if not column.property]
    if without:
        print_note(
            f"the description has no property for {', '.join(without)}: --property, or glocal init, gives them one"
        )


def _row(column: Any) -> Sequence[str]:
    title = " / ".join(title for title in column.titles if title != column.name)
    marks = [name for name, holds in (("key", column.key), ("required", column.required and not column.key)) if holds]
    form = "; ".join([*marks, column.form] if column.form else marks)
    if column.refers:
        form = f"{form}; refers to {column.refers}" if form else f"refers to {column.refers}"
    if column.decisions:
        form = f"{form}; to decide" if form else "to decide"
    shown = " | ".join(_shorten(example) for example in column.examples)
    return (
        column.name if not title else f"{column.name} ({title})",
        column.datatype,
        form,
        _share(column.empty, column.cells),
        _share(column.distinct, column.cells - column.empty),
        shown,
    )


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_EXAMPLE_LENGTH else text[: MAX_EXAMPLE_LENGTH - 1] + "…"


def _share(part: int, whole: int) -> str:
    """Return a share as a percentage; neither 0 % nor 100 % unless it is exactly that."""
    if not whole or not part:
        return "0 %"
    percent = part * 100 / whole
    if part == whole:
        return "100 %"
    return "<1 %" if percent < 1 else ">99 %" if percent > 99 else f"{percent:.0f} %"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _outcome(found: TableDescription, *, written: bool) -> str:
    """Return the line that says what was done."""
    parts = [f"{_count(found.rows, 'row')}, {_count(len(found.columns), 'column')}"]
    if found.classes:
        parts.append(f"class {', '.join(found.classes)}")
    if found.decided:
        parts.append(f"decided: {', '.join(f'{c}: {t}' if c else t for c, t in found.decided)}")
    update = found.update
    if not found.created and update.added:
        parts.append(f"new columns: {', '.join(update.added)}")
    if update.renamed:
        parts.append(f"renamed: {', '.join(f'{old} is {new!r}' for old, new in update.renamed)}")
    if update.dropped:
        parts.append(f"dropped: {', '.join(update.dropped)}")
    if update.moved:
        parts.append("the columns are in another order than before")
    if found.decisions:
        parts.append(f"open decisions: {len(found.decisions)}")
    if not found.changed:
        done = f"{found.path} is up to date"
    elif written:
        done = f"{'wrote' if found.created else 'updated'} {found.path}"
    else:
        done = f"nothing was written; {found.path} would be {'new' if found.created else 'changed'}"
    return f"{'; '.join(parts)}\n{done}"
