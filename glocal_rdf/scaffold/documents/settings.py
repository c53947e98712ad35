"""What a project made from the template is given: its base IRI, its prefix, its title and its languages, checked.

A base IRI is written as a URI (RFC 3987, section 3.1): the templates of CSV on the Web percent-encode what is beyond
ASCII, so that an ontology that did not would name other terms than the tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from glocal_rdf.addresses import is_address, write_ascii
from glocal_rdf.errors import EndpointError, InputError, Problem
from glocal_rdf.namespaces import WELL_KNOWN
from glocal_rdf.triples import iris

__all__ = ["TEXT_LANGUAGES", "Settings", "check_settings"]

TEXT_LANGUAGES: Final = ("en", "zh-Hant")
"""The languages that the texts of the template are in: labels, messages, and the names of the worked example."""

_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_PREFIX: Final = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]|[a-z]")
_DEFAULT_PREFIX: Final = "project"
_OURS: Final = frozenset({"shapes", "terms"})
"""The prefixes that the template uses for itself."""

_SAFE: Final = "!$&'()*+,/:;=?@[]~%"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project made from the template is given.

    Attributes:
        base: How its IRIs begin; it ends with a slash.
        prefix: The prefix of its ontology, which also names files.
        title: The title of the dataset, in the first language.
        languages: The languages of names and notes; one of them is a language of the template.
        licence: The IRI of the licence, or the empty text while it is not chosen.
    """

    base: str
    prefix: str
    title: str
    languages: tuple[str, ...]
    licence: str = ""

    @property
    def text_languages(self) -> tuple[str, ...]:
        """The languages of the project that the template has texts in."""
        return tuple(tag for tag in self.languages if tag in TEXT_LANGUAGES)

    @property
    def suffixes(self) -> dict[str, str]:
        """How the columns of each language end: its primary subtag, or the whole tag where two have the same one."""
        primary = [tag.partition("-")[0].lower() for tag in self.languages]
        return {
            tag: part if primary.count(part) == 1 else tag.lower().replace("-", "_")
            for tag, part in zip(self.languages, primary, strict=True)
        }


def check_settings(base: str, prefix: str, title: str, languages: Sequence[str], licence: str) -> Settings:
    """Check what a user chose, and complete it.

    Args:
        base: A base IRI, which may end with `#`, with `/`, or with neither.
        prefix: A word for the prefix; what cannot be one is left out, and what is taken becomes `project`.
        title: The title.
        languages: Language tags (BCP 47), the first that of the title; English is added where the template has texts in
            none of them.
        licence: The IRI of the licence, or the empty text.

    Returns:
        The settings.

    Raises:
        InputError: With everything that cannot be used.

    Examples:
        >>> check_settings("https://例え.jp/文書#", "My League", "t", ["zh-hant", "en"], "")
        Settings(base='https://xn--r8jz45g.jp/%E6%96%87%E6%9B%B8/', prefix='my-league', title='t', \
languages=('zh-Hant', 'en'), licence='')
    """
    problems: list[Problem] = []
    tags = [_write_tag(tag) for tag in languages]
    if not tags:
        problems.append(Problem("lang", "no language is given", "name one, such as en"))
    for given, tag in zip(languages, tags, strict=True):
        if not _TAG.fullmatch(tag):
            problems.append(Problem("lang", f"{given!r} is not a language tag", "write it as en, de or zh-Hant"))
        elif tags.count(tag) > 1:
            problems.append(Problem("lang", f"{given!r} is given twice", "name each language once"))
    if not title.split():
        problems.append(Problem("title", "is empty", "give the dataset a title"))
    if licence and (fault := iris.fault(licence)):
        problems.append(Problem("licence", f"{licence!r} is not an IRI: {fault}", "write the IRI of the licence"))
    whole = ""
    try:
        whole = _write_base(base)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError.of(problems)
    if not set(tags) & set(TEXT_LANGUAGES):
        tags.append(TEXT_LANGUAGES[0])
    return Settings(whole, _write_prefix(prefix), " ".join(title.split()), tuple(tags), licence)


def _write_base(base: str) -> str:
    """Write a base IRI as a URI that ends with a slash.

    Raises:
        InputError: Where no IRIs of a project can begin with it.
    """
    start = base.strip().removesuffix("#")
    hint = "write it as https://example.org/league/"
    if fault := iris.fault(start):
        raise InputError.at("base", f"{base!r} is not an absolute IRI: {fault}", hint)
    scheme, _, _, query, fragment = iris.split(start)
    if query is not None or fragment is not None:
        raise InputError.at("base", f"{base!r} has a query or a fragment, after which no path can follow", hint)
    if (scheme or "").lower() == "file":
        raise InputError.at("base", f"{base!r} is a file of this machine, which means nothing on others", hint)
    if not start.isascii():
        try:
            start = write_ascii(start) if is_address(start) else quote(start, safe=_SAFE)
        except EndpointError as error:
            raise InputError.of(error.problems) from error
    return start if start.endswith("/") else f"{start}/"


def _write_prefix(word: str) -> str:
    """Make a prefix of a word, which no vocabulary has."""
    found = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-").lstrip("0123456789-")
    return found if _PREFIX.fullmatch(found) and found not in {*WELL_KNOWN, *_OURS} else _DEFAULT_PREFIX


def _write_tag(tag: str) -> str:
    """Write a language tag as BCP 47 recommends: scripts with a capital, regions in capitals (section 2.1.1)."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    cased = [part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in rest]
    return "-".join([first.lower(), *cased])
