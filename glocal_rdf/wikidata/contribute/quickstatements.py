"""Writes a batch as commands of QuickStatements, version 1, so that both of its programs read them as they are meant.

A command is a line, its fields are parted by TAB. What the programs would change or misread is avoided, and reported:

* `|` stands for TAB in the newer program, also within quotation marks: the full-width `｜` is written, `%7C` in an
  address.
* `/*` and `*/` begin and end a summary: a space is put between.
* “ and ” become `"` in the newer program: that is written.
* Empty fields are removed before parsing, which shifts the others: a command that would have one is not written.
* Qualifiers and references are pairs of fields; a second reference begins with `!S`.
* Ranks are lost in the older program: they are not written, and reported.
* `LAST` is the item made by the last CREATE: the commands of an item stand together.

https://www.wikidata.org/wiki/Help:QuickStatements
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from glocal_rdf.wikidata.contribute.batch import (
    LABEL_LIMIT,
    Addition,
    Batch,
    LeftOut,
    NewItem,
    UnwritableError,
    check_code,
    fit_text,
)
from glocal_rdf.wikidata.entities.model import (
    JULIAN,
    ItemValue,
    NoValue,
    PointValue,
    QuantityValue,
    StringValue,
    TextValue,
    TimeValue,
    Value,
    show_value,
)

__all__ = ["Written", "write_address", "write_commands"]

_REPLACED: Final = (("|", "｜"), ("/*", "/ *"), ("*/", "* /"), ("“", '"'), ("”", '"'))
_ADDRESS: Final = "https://quickstatements.toolforge.org/#/v1="
ADDRESS_LIMIT: Final = 2000
"""How many characters an address may have that opens a batch."""


@dataclass(frozen=True, slots=True)
class Written:
    """Commands that were written.

    Attributes:
        text: The commands, one a line.
        statements: How many statements are in them.
        items: How many items are made.
        labels: How many labels are added.
        left_out: What could not be written.
        changes: What was written otherwise than we have it.
    """

    text: str
    statements: int
    items: int
    labels: int
    left_out: tuple[LeftOut, ...]
    changes: tuple[str, ...]


def write_commands(batch: Batch) -> Written:
    r"""Write a batch as commands.

    Args:
        batch: The batch.

    Examples:
        >>> from glocal_rdf.wikidata.entities.model import Snak
        >>> added = Addition("Q64", Snak("P463", ItemValue("Q5")), (), ((Snak("P854", StringValue("https://a.org")),),))
        >>> write_commands(Batch(additions=(added,))).text
        'Q64\tP463\tQ5\tS854\t"https://a.org"\n'
    """
    writer = _Writer()
    for new in batch.items:
        writer.write_item(new)
    for item, code, text in batch.labels:
        writer.write_label(item, code, text)
    for one in batch.additions:
        writer.write_addition(one, one.item)
    text = "".join(f"{line}\n" for line in writer.lines)
    changes = tuple(dict.fromkeys(writer.changes))
    return Written(text, writer.statements, writer.items, writer.labels, tuple(writer.left_out), changes)


def write_address(text: str) -> str:
    """Return the address that opens commands in QuickStatements, for review; empty where it would be too long.

    Args:
        text: The commands.
    """
    address = _ADDRESS + quote(text.rstrip("\n").replace("\t", "|").replace("\n", "||"), safe="")
    return address if text and len(address) <= ADDRESS_LIMIT else ""


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.left_out: list[LeftOut] = []
        self.changes: list[str] = []
        self.statements = self.items = self.labels = 0

    def write_item(self, item: NewItem) -> None:
        """Write the commands that make an item; none where a part without which it should not be is not writable."""
        lines = ["CREATE"]
        before = (self.statements, len(self.left_out))
        try:
            for letter, texts in (("L", item.labels), ("D", item.descriptions)):
                lines += [self._term("LAST", letter, code, text) for code, text in texts.items()]
            lines += [self._term("LAST", "A", code, one) for code, many in item.aliases.items() for one in many]
            for statement in item.statements:
                lines.append("\t".join(self._statement(statement, "LAST")))
                self.statements += 1
        except UnwritableError as error:
            self.statements = before[0]
            name = next(iter(item.labels.values()), item.thing)
            self.left_out.append(LeftOut("", item.thing, "", name, f"the item cannot be written: {error}"))
            return
        self.lines += lines
        self.items += 1

    def write_label(self, item: str, code: str, text: str) -> None:
        """Write a label."""
        try:
            self.lines.append(self._term(item, "L", code, text))
            self.labels += 1
        except UnwritableError as error:
            self.left_out.append(LeftOut(item, "", "", text, str(error)))

    def write_addition(self, one: Addition, subject: str) -> None:
        """Write a statement."""
        try:
            self.lines.append("\t".join(self._statement(one, subject)))
            self.statements += 1
        except UnwritableError as error:
            shown = show_value(one.main.value)
            self.left_out.append(LeftOut(one.item, one.thing, one.main.property, shown, str(error), _first(one.claims)))
            return
        if one.preferred:
            self.changes.append(f"{subject} {one.main.property}: the rank (preferred) is not written; set it by hand")

    def _term(self, subject: str, letter: str, code: str, text: str) -> str:
        return f"{subject}\t{letter}{check_code(code)}\t{self._quote(text, LABEL_LIMIT)}"

    def _statement(self, one: Addition, subject: str) -> Iterator[str]:
        """Yield the fields of a statement."""
        if not one.references:
            raise UnwritableError("it has no reference")
        yield from (subject, one.main.property, self._value(one.main.value))
        for snak in one.qualifiers if not one.exists else ():
            yield from (snak.property, self._value(snak.value))
        for number, parts in enumerate(one.references):
            for at, snak in enumerate(parts):
                yield f"{'!' if number and not at else ''}S{snak.property[1:]}"
                yield self._value(snak.value)

    def _value(self, value: Value) -> str:
        """Write a value.

        Raises:
            UnwritableError: Where it has no form that both programs read.
        """
        match value:
            case ItemValue(number) if number:
                return number
            case TimeValue():
                return _write_time(value)
            case TextValue(text, lang):
                return f"{check_code(lang)}:{self._quote(text)}"
            case StringValue(text):
                return self._quote(text)
            case QuantityValue():
                return _write_quantity(value)
            case PointValue(latitude, longitude, _, "Q2"):
                return f"@{_write_degrees(latitude)}/{_write_degrees(longitude)}"
            case NoValue(kind):
                return kind
        raise UnwritableError("its value has no form in QuickStatements")

    def _quote(self, text: str, limit: int = 1500) -> str:
        fitted = fit_text(text, limit)
        web = fitted.startswith(("http://", "https://"))
        for mark, instead in _REPLACED:
            if mark in fitted:
                instead = _encode(mark) if web else instead  # noqa: PLW2901 - an address has a form of its own for it
                self.changes.append(f"{fitted[:60]!r}: {mark} is written as {instead}, as QuickStatements misreads it")
                fitted = fitted.replace(mark, instead)
        return f'"{fitted}"'


def _encode(mark: str) -> str:
    """Write a mark as an address may have it."""
    return mark.replace("*", "%2A") if "*" in mark else quote(mark)


def _write_time(value: TimeValue) -> str:
    """Write a date: what is not known is 00, and the year before the year 1 is -0001."""
    if not 6 <= value.precision <= 11:
        raise UnwritableError("its date has a precision that is not written")
    sign, year = ("+", value.year) if value.year > 0 else ("-", 1 - value.year)
    month = value.month if value.precision >= 10 else 0
    day = value.day if value.precision >= 11 else 0
    calendar = "/J" if value.calendar == JULIAN else ""
    return f"{sign}{year:04d}-{month:02d}-{day:02d}T00:00:00Z/{value.precision}{calendar}"


def _write_degrees(number: float) -> str:
    """Write degrees to a millionth, which is the precision that is stored, without a negative zero."""
    return f"{round(number, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def _write_quantity(value: QuantityValue) -> str:
    amount = f"{value.amount:f}"
    if value.lower is not None or value.upper is not None:
        if value.lower is None or value.upper is None or value.upper - value.amount != value.amount - value.lower:
            raise UnwritableError("its bounds are not as far from it on both sides")
        amount += f"~{value.upper - value.amount:f}"
    return f"{amount}U{value.unit[1:]}" if value.unit else amount


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")
