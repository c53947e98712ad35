"""Reads the kinds of properties of the metadata vocabulary, with its rule for values that are not permitted.

Metadata Vocabulary for Tabular Data, sections 4 and 5.1: a value that is not permitted is replaced by the default and a
warning is given; what a document must not contain at all is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from glocal_rdf.csvw.metadata.model import Annotations, Titles
from glocal_rdf.csvw.metadata.prefixed_names import is_unknown_prefix, prefix_hint
from glocal_rdf.csvw.metadata.vocabulary import PREFIXES, expand_term
from glocal_rdf.csvw.problems import ProblemCollector
from glocal_rdf.spelling import did_you_mean, nearest_name
from glocal_rdf.triples import iris

__all__ = [
    "Reading",
    "check_type",
    "is_language",
    "read_annotation",
    "read_annotations",
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
MAX_DEPTH = 40


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
    """Return a boolean atomic property."""
    if isinstance(value, bool):
        return value
    reading.inside(name).warning(f"{show(value)} is neither true nor false", f"{str(default).lower()} is used")
    return default


def read_text(reading: Reading, name: str, value: object, default: str | None = None) -> str | None:
    """Return an atomic property that is a string."""
    if isinstance(value, str):
        return value
    reading.inside(name).warning(f"{show(value)} is not a string")
    return default


def read_choice(reading: Reading, name: str, value: object, choices: tuple[str, ...], default: str) -> str:
    """Return an atomic property that is one of some strings."""
    if isinstance(value, str) and value in choices:
        return value
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    what = f"{show(value)} is not one of {', '.join(choices)}"
    reading.inside(name).warning(what, f"{default!r} is used" + (f"; {hint}" if hint else ""))
    return default


def read_count(reading: Reading, name: str, value: object, default: int | None) -> int | None:
    """Return an atomic property that is a non-negative integer."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    reading.inside(name).warning(f"{show(value)} is not a non-negative integer")
    return default


def read_language(reading: Reading, name: str, value: object, default: str | None = None) -> str | None:
    """Return a language tag (BCP 47)."""
    if isinstance(value, str) and is_language(value):
        return value
    reading.inside(name).warning(f"{show(value)} is not a language tag (BCP 47)")
    return default


def read_array(reading: Reading, name: str, value: object) -> list[Any]:
    """Return an array property; what is not an array counts as an empty one (section 5.1.1)."""
    if isinstance(value, list):
        return value
    reading.inside(name).warning(f"{show(value)} is not an array")
    return []


def read_link(reading: Reading, name: str, value: object) -> str | None:
    """Return a link property: a string, resolved against the base (section 5.1.2)."""
    if isinstance(value, str):
        return reading.inside(name).resolve(value)
    reading.inside(name).warning(f"{show(value)} is not a link")
    return None


def read_id(reading: Reading, value: object, *, strict: bool = False) -> str | None:
    """Return an `@id`: a link that is not a blank node.

    A value that is not a string counts as an empty link, or, with `strict`, is an error.
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
    """Check the `@type` of a description object."""
    if value != expected:
        reading.inside("@type").error(f"{show(value)} is not {expected!r}", f'write "{expected}" or leave it out')


def read_references(reading: Reading, name: str, value: object) -> tuple[str, ...]:
    """Return a column reference property: a name, or a non-empty array of names (section 5.1.4)."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return tuple(value)
    reading.inside(name).warning(f"{show(value)} is neither a column's name nor an array of names")
    return ()


def read_titles(reading: Reading, name: str, value: object) -> Titles:
    """Return a natural language property: texts by language (section 5.1.6)."""
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


def read_annotation(reading: Reading, value: object, depth: int = 0) -> Any:
    """Return the value of a common property or note, checked and normalized (sections 5.8.2 and 6)."""
    if depth > MAX_DEPTH:
        reading.error(f"is nested more than {MAX_DEPTH} deep")
        return None
    if isinstance(value, list):
        return [read_annotation(reading, item, depth + 1) for item in value]
    if isinstance(value, str):
        return {"@value": value} | ({"@language": reading.language} if reading.language else {})
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        _check_value_object(reading, value)
        kind = value.get("@type")
        return dict(value) | ({"@type": reading.expand(kind) or iris.encode(kind)} if isinstance(kind, str) else {})
    normalized: dict[str, Any] = {}
    for name, item in value.items():
        inner = reading.inside(name)
        if name == "@id":
            normalized[name] = read_id(reading, item, strict=True)
        elif name == "@type":
            _check_types(reading, item)
            normalized[name] = _expanded_types(reading, item)
        elif name == "@language":
            inner.error("is used without @value", "give an object with @value and @language")
        elif name.startswith("@"):
            inner.error("is not permitted in a common property", "only @id, @type, @value and @language are")
        elif ":" not in name:
            hint = 'write [{"@value": "…", "@language": "' + name + '"}]' if is_language(name) else ""
            inner.error("is neither a prefixed name nor an absolute URL", hint)
        elif name.startswith("_:"):
            inner.error("is a blank node")
        else:
            found = inner.iri(name)
            if found is not None:
                read = read_annotation(inner, item, depth + 1)
                normalized[found] = [*_as_list(normalized[found]), *_as_list(read)] if found in normalized else read
    return normalized


def _check_value_object(reading: Reading, value: dict[str, Any]) -> None:
    """Report what is wrong with a value object of JSON-LD."""
    reading = reading.inside("@value")
    others = set(value) - {"@value", "@type", "@language"}
    if others:
        reading.error(f"is used with {', '.join(sorted(others))}", "only @type or @language may be used with it")
    if "@type" in value and "@language" in value:
        reading.error("has both @type and @language", "keep one")
    if not isinstance(value["@value"], str | int | float | bool):
        reading.error(f"{show(value['@value'])} is not a string, number or boolean")
    if "@type" in value:
        _check_types(reading, value["@type"], single=True)
    language = value.get("@language")
    if language is not None and not (isinstance(language, str) and is_language(language)):
        reading.error(f"{show(language)} is not a language tag (BCP 47)")


def _check_types(reading: Reading, value: object, single: bool = False) -> None:
    """Report the types of a value that are not terms, prefixed names or URLs."""
    reading = reading.inside("@type")
    for item in value if isinstance(value, list) and not single else [value]:
        if not isinstance(item, str):
            reading.error(f"{show(item)} is not a string")
        elif item.startswith("_:"):
            reading.error(f"{item!r} is a blank node")
        elif reading.expand(item) is None and not is_absolute(item):
            what = f"{show(item)} is neither a term, a prefixed name nor an absolute URL"
            reading.error(
                what, prefix_hint(item.partition(":")[0], [*PREFIXES, *reading.prefixes]) if ":" in item else ""
            )


def _expanded_types(reading: Reading, value: object) -> object:
    found = [
        reading.expand(v) or iris.encode(v)
        for v in (value if isinstance(value, list) else [value])
        if isinstance(v, str)
    ]
    return found if isinstance(value, list) else (found or [""])[0]


def read_annotations(reading: Reading, description: dict[str, Any]) -> Annotations:
    """Return all common properties of a description object, by their IRIs."""
    found: Annotations = {}
    for name, value in description.items():
        if is_common(name, reading.prefixes):
            iri = reading.inside(name).iri(name)
            if iri is not None:
                read = read_annotation(reading.inside(name), value)
                # Two names may stand for one property, as dc:title and dcterms:title do.
                found[iri] = [*_as_list(found[iri]), *_as_list(read)] if iri in found else read
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def warn_unknown(reading: Reading, description: dict[str, Any], known: frozenset[str]) -> None:
    """Warn of properties that the vocabulary does not define for this kind of object."""
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
