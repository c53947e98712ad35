"""The parameters of what can be asked: read strictly from a query string or from JSON, and described by JSON Schema.

A parameter that is not known, stands twice or has a wrong value is refused by its name, and nothing is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from glocal_rdf.serve.api.problems import ProblemError
from glocal_rdf.spelling import join_choices, nearest

__all__ = ["LANG", "LIMIT", "OFFSET", "Parameter", "read_parameters"]

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that an answer needs or takes.

    Attributes:
        name: Its name.
        kind: `word` (a slug, a CURIE, an IRI or a name), `text`, `iri`, `integer` or `language`.
        description: What it means.
        required: Whether it must be given.
        default: What counts where it is not given.
        least: The least number.
        most: The greatest number, or the most characters of a text.
    """

    name: str
    kind: Literal["word", "text", "iri", "integer", "language"]
    description: str
    required: bool = False
    default: str | int | None = None
    least: int = 0
    most: int = 2000

    def read(self, value: Any) -> str | int:
        """Read a value.

        Args:
            value: A text, or a number as JSON has it.

        Raises:
            ValueError: Where it is not one, with the reason.
        """
        if self.kind == "integer":
            if isinstance(value, int) and not isinstance(value, bool):
                number = value
            elif isinstance(value, str) and _NUMBER.fullmatch(value):
                number = int(value)
            else:
                raise ValueError("is not a whole number of digits")
            if not self.least <= number <= self.most:
                raise ValueError(f"is not from {self.least} to {self.most}")
            return number
        if not isinstance(value, str):
            raise ValueError("is not a text")
        if len(value) > self.most:
            raise ValueError(f"has more than {self.most} characters")
        if _CONTROL.search(value):
            raise ValueError("has control characters")
        if self.kind in ("word", "text") and self.required and not value.strip():
            raise ValueError("is empty")
        if self.kind == "language" and not _TAG.fullmatch(value):
            raise ValueError("is not a language tag such as en or zh-Hant")
        if self.kind == "iri" and not _IRI.fullmatch(value):
            raise ValueError("is not an absolute IRI")
        return value

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a value."""
        if self.kind == "integer":
            schema: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        else:
            schema = {"type": "string", "maxLength": self.most}
        if self.kind == "language":
            schema |= {"pattern": f"^{_TAG.pattern}$", "maxLength": 40}
        if self.default is not None:
            schema["default"] = self.default
        return schema


LANG: Final = Parameter(
    name="lang",
    kind="language",
    description="The language of names and texts (BCP 47); by default the one that the client accepts first.",
    most=40,
)
OFFSET: Final = Parameter(
    name="offset",
    kind="integer",
    description="How many of the first items are left out.",
    default=0,
    most=100_000_000,
)
LIMIT: Final = Parameter(
    name="limit", kind="integer", description="How many items are returned at most.", default=50, least=1, most=500
)


def read_parameters(known: Sequence[Parameter], given: Iterable[tuple[str, Any]], what: str) -> dict[str, str | int]:
    """Read the values of parameters, with the defaults of those that are not given.

    Args:
        known: The parameters.
        given: Names and values, as they came.
        what: What they are parameters of, for errors.

    Raises:
        ProblemError: With every parameter that is not known, stands twice, is missing or has a wrong value.

    Examples:
        >>> read_parameters([LIMIT], [("limit", "5")], "search")
        {'limit': 5}
    """
    by_name: Mapping[str, Parameter] = {one.name: one for one in known}
    values: dict[str, str | int] = {}
    unknown: list[str] = []
    wrong: list[dict[str, str]] = []
    for name, value in given:
        if name not in by_name:
            unknown.append(name[:_MAX_SHOWN])
        elif name in values or any(one["parameter"] == name for one in wrong):
            wrong.append({"parameter": name, "detail": "is given twice"})
        else:
            try:
                values[name] = by_name[name].read(value)
            except ValueError as error:
                wrong.append({"parameter": name, "detail": str(error)})
    if unknown:
        hint = join_choices(nearest(unknown[0], by_name), f"it takes {', '.join(by_name) or 'none'}")
        raise ProblemError(
            "unknown-parameter", f"{what} has no parameter {unknown[0]!r}; {hint}", parameters=sorted(set(unknown))[:20]
        )
    seen = {one["parameter"] for one in wrong}
    wrong += [
        {"parameter": one.name, "detail": "must be given"}
        for one in known
        if one.required and one.name not in values and one.name not in seen
    ]
    if wrong:
        first = wrong[0]
        detail = f"{first['parameter']} {first['detail']}; {by_name[first['parameter']].description}"
        raise ProblemError("wrong-value", detail, errors=wrong)
    return {one.name: one.default for one in known if one.default is not None} | values
