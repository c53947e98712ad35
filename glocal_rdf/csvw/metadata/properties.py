"""Reads the kinds of properties of the metadata vocabulary, with its rule for values that are not permitted.

Metadata Vocabulary for Tabular Data, sections 4 and 5.1: a value that is not permitted is replaced by the default and a
warning is given; what a document must not contain at all is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from glocal_rdf.csvw.metadata.model import Titles
from glocal_rdf.csvw.metadata.prefixed_names import is_unknown_prefix, prefix_hint
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES, expand_term
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.spelling import did_you_mean, nearest_name
from glocal_rdf.triples import iris

__all__ = [
    "Reading",
    "check_type",
    "is_absolute",
    "is_common",
    "is_language",
    "read_array",
    "read_boolean",
    "read_choice",
    "read_count",
    "read_id",
    "read_language",
    "read_link",
    "read_references",
    "read_text",
    "read_titles",
    "show",
    "warn_unknown",
]

LANGUAGE = re.compile(r"(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*|[xXiI](?:-[A-Za-z0-9]{1,8})+)")


@dataclass(frozen=True)
class Reading:
    """The context in which a part of a metadata document is read.

    `base` resolves its addresses, `load` reads a JSON document by its address, `language` is its default language, and
    `path` the place in the document, for messages. `resolve_link` resolves a link to a table, `prefixes` are those that
    a project declares, and `strict` follows the letter of the Recommendation where it makes data worse.
    """

    base: str
    problems: ProblemCollector
    load: Callable[[str], Any]
    language: str | None = None
    path: str = ""
    resolve_link: Callable[[str, str], str] = iris.resolve
    prefixes: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    def inside(self, step: str) -> Reading:
        """Return the same reading one step deeper, for messages."""
        return replace(self, path=f"{self.path}.{step}" if self.path else step)

    def warning(self, what: str, hint: str = "it is ignored") -> None:
        """Report a value that is replaced by its default."""
        self.problems.warning("metadata", f"{self.path}: {what}" if self.path else what, hint)

    def error(self, what: str, hint: str = "") -> None:
        """Report what a metadata document must not contain."""
        self.problems.error("metadata", f"{self.path}: {what}" if self.path else what, hint)

    def expand(self, name: str) -> str | None:
        """Return the IRI of a term or prefixed name, or None if it is neither."""
        return expand_term(name, self.prefixes)

    def resolve(self, link: str) -> str | None:
        """Return the address of a link; report an error and return None where it is not one."""
        return self._checked(link, self.resolve_link(self.base, link))

    def iri(self, text: str) -> str | None:
        """Return the IRI of a prefixed name or a link; report an error and return None where it is not one.

        A term of the context is not a prefixed name: `role` is a file beside the document (Metadata, section 6).
        """
        expanded = self.expand(text) if ":" in text else None
        if expanded is None:
            self.warn_prefix(text)
        iri, wrong = iris.finish(expanded or text, self.base)
        return self._checked(text, iri) if not wrong else self._checked(text, text, wrong)

    def _checked(self, text: str, iri: str, wrong: str = "") -> str | None:
        wrong = wrong or iris.fault(iri)
        if wrong:
            self.error(f"{show(text)} is not an IRI: {wrong}", "write a web address")
            return None
        return iri

    def warn_prefix(self, text: str) -> None:
        """Warn of a prefixed name whose prefix is not declared."""
        if is_unknown_prefix(text, self.prefixes):
            prefix = text.partition(":")[0]
            what = f"{show(text)}: {prefix}: is not a known prefix, so that it is taken for a scheme"
            self.warning(what, prefix_hint(prefix, [*PREFIXES, *self.prefixes]))


def show(value: object) -> str:
    """Return a value as it is shown in messages, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def read_boolean(reading: Reading, name: str, value: object, default: bool = False) -> bool:
    """Return a boolean atomic property.

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
        default: What stands for a value that is not permitted.
    """
    if isinstance(value, bool):
        return value
    reading.inside(name).warning(f"{show(value)} is neither true nor false", f"{str(default).lower()} is used")
    return default


def read_text(reading: Reading, name: str, value: object, default: str | None = None) -> str | None:
    """Return an atomic property that is a string.

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
        default: What stands for a value that is not permitted.
    """
    if isinstance(value, str):
        return value
    reading.inside(name).warning(f"{show(value)} is not a string")
    return default


def read_choice(reading: Reading, name: str, value: object, choices: tuple[str, ...], default: str) -> str:
    """Return an atomic property that is one of some strings.

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
        choices: The strings that are permitted.
        default: What stands for any other value.
    """
    if isinstance(value, str) and value in choices:
        return value
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    what = f"{show(value)} is not one of {', '.join(choices)}"
    reading.inside(name).warning(what, f"{default!r} is used" + (f"; {hint}" if hint else ""))
    return default


def read_count(reading: Reading, name: str, value: object, default: int | None) -> int | None:
    """Return an atomic property that is a non-negative integer.

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
        default: What stands for a value that is not permitted.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    reading.inside(name).warning(f"{show(value)} is not a non-negative integer")
    return default


def read_language(reading: Reading, name: str, value: object, default: str | None = None) -> str | None:
    """Return a language tag (BCP 47).

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
        default: What stands for a value that is not permitted.
    """
    if isinstance(value, str) and is_language(value):
        return value
    reading.inside(name).warning(f"{show(value)} is not a language tag (BCP 47)")
    return default


def read_array(reading: Reading, name: str, value: object) -> list[Any]:
    """Return an array property; what is not an array counts as an empty one (section 5.1.1).

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
    """
    if isinstance(value, list):
        return value
    reading.inside(name).warning(f"{show(value)} is not an array")
    return []


def read_link(reading: Reading, name: str, value: object) -> str | None:
    """Return a link property: a string, resolved against the base (section 5.1.2).

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
    """
    if isinstance(value, str):
        return reading.inside(name).resolve(value)
    reading.inside(name).warning(f"{show(value)} is not a link")
    return None


def read_id(reading: Reading, value: object, *, strict: bool = False) -> str | None:
    """Return an `@id`: a link that is not a blank node.

    Args:
        reading: The context.
        value: Its value in the document.
        strict: Whether a value that is not a string is an error, instead of an empty link.
    """
    if not isinstance(value, str):
        if strict:
            reading.inside("@id").error(f"{show(value)} is not a string")
            return None
        reading.inside("@id").warning(f"{show(value)} is not a string", "it counts as an empty link")
        value = ""
    if value.startswith("_:"):
        reading.inside("@id").error(f"{value!r} is a blank node", "give an IRI")
        return None
    return reading.inside("@id").iri(value)


def check_type(reading: Reading, value: object, expected: str) -> None:
    """Check the `@type` of a description object.

    Args:
        reading: The context.
        value: The value of `@type` in the document.
        expected: The one that is permitted.
    """
    if value != expected:
        reading.inside("@type").error(f"{show(value)} is not {expected!r}", f'write "{expected}" or leave it out')


def read_references(reading: Reading, name: str, value: object) -> tuple[str, ...]:
    """Return a column reference property: a name, or a non-empty array of names (section 5.1.4).

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
    """
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return tuple(value)
    reading.inside(name).warning(f"{show(value)} is neither a column's name nor an array of names")
    return ()


def read_titles(reading: Reading, name: str, value: object) -> Titles:
    """Return a natural language property: texts by language (section 5.1.6).

    Args:
        reading: The context.
        name: The name of the property.
        value: Its value in the document.
    """
    reading = reading.inside(name)
    default = reading.language or "und"
    if isinstance(value, dict):
        titles: Titles = {}
        for language, texts in value.items():
            if not is_language(language):
                reading.warning(f"{language!r} is not a language tag (BCP 47)")
                continue
            if found := _texts(reading.inside(language), texts):
                titles[language] = found
        return titles
    texts = _texts(reading, value)
    return {default: texts} if texts else {}


def _texts(reading: Reading, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        for odd in (v for v in value if not isinstance(v, str)):
            reading.warning(f"{show(odd)} is not a string")
        return tuple(v for v in value if isinstance(v, str))
    reading.warning(f"{show(value)} is not a string")
    return ()


def is_common(name: str, prefixes: Mapping[str, str] | None = None) -> bool:
    """Return whether the name of a property is a prefixed name or an absolute URL (common property, section 5.8)."""
    return ":" in name and (expand_term(name, prefixes) is not None or is_absolute(name))


def is_absolute(text: str) -> bool:
    """Return whether a text is an absolute URL, by its scheme and what follows."""
    scheme, authority, *_ = iris.split(text)
    if scheme is None or len(scheme) < 2 or not (authority or scheme.lower() in {"urn", "tag", "mailto", "doi"}):
        return False
    return not iris.fault(iris.encode(text))


def is_language(tag: str) -> bool:
    """Return whether a text is a language tag that every format of RDF can hold (BCP 47)."""
    if not LANGUAGE.fullmatch(tag):
        return False
    import pyoxigraph  # noqa: PLC0415 - imported late, so that the command starts fast

    try:
        pyoxigraph.Literal("", language=tag)
    except ValueError:
        return False
    return True


_COMMON: Final = ("title", "description", "license", "publisher", "creator", "issued", "modified", "language", "source")
"""Names that people write without the prefix of Dublin Core, which the Recommendation's examples use."""


def warn_unknown(reading: Reading, description: dict[str, Any], known: frozenset[str]) -> None:
    """Warn of properties that the vocabulary does not define for this kind of object.

    Args:
        reading: The context.
        description: The object.
        known: The properties that the vocabulary defines for it.
    """
    for name in description:
        if name == "@context" and name not in known:
            reading.error("has a @context of its own", "only the document as a whole has one")
        elif name not in known and not is_common(name, reading.prefixes):
            reading.warning(f"the property {show(name)} is not defined here", _property_hint(reading, name, known))


def _property_hint(reading: Reading, name: str, known: Iterable[str]) -> str:
    ignored = "it is ignored"
    if ":" in name:
        return f"{ignored}; {prefix_hint(name.partition(':')[0], [*PREFIXES, *reading.prefixes])}"
    near = nearest_name(name, [k for k in known if not k.startswith("@")])
    if near is None and (common := nearest_name(name, _COMMON, cutoff=0.8)):
        return f"{ignored}; write dc:{common}"
    return f"{ignored}; did you mean {near!r}?" if near else ignored
