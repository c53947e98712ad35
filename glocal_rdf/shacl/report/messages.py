"""Sentences for results whose shape has no message of its own, in English and Traditional Chinese."""

from __future__ import annotations

import re
from typing import Protocol

from glocal_rdf.shacl.shapes.paths import Path
from glocal_rdf.shacl.terms import SH
from glocal_rdf.shacl.triple_index import is_literal, language_tag, lexical

__all__ = ["clean", "local_name", "show", "wording"]


class _Finding(Protocol):
    """The parts of a result that a sentence tells."""

    @property
    def component(self) -> str: ...
    @property
    def path(self) -> Path | None: ...
    @property
    def value(self) -> str | None: ...
    @property
    def expected(self) -> str: ...


# {path}, {value} and {expected} stand for the parts of the result.
_SENTENCES: dict[str, tuple[str, str]] = {
    "And": ("{value} does not satisfy all of {expected}", "{value} 未同時符合 {expected}"),
    "Class": ("{value} is not a {expected}", "{value} 不是 {expected}"),
    "Closed": ("{path} is not allowed here; its value is {value}", "此處不可使用 {path}，其值為 {value}"),
    "Datatype": ("{value} is not a valid {expected}", "{value} 不是有效的 {expected}"),
    "Disjoint": ("{value} also stands under {expected}, and must not", "{value} 不可同時出現在 {expected}"),
    "Equals": (
        "{path} and {expected} must have the same values; {value} is in one alone",
        "{path} 與 {expected} 的值須相同，{value} 只在其一",
    ),
    "HasValue": ("{path} lacks the value {expected}", "{path} 缺少值 {expected}"),
    "In": ("{value} is not one of {expected}", "{value} 不在 {expected} 之中"),
    "LanguageIn": ("{value} is in none of the languages {expected}", "{value} 的語言不在 {expected} 之中"),
    "LessThan": ("{value} is not less than every value of {expected}", "{value} 未小於 {expected} 的值"),
    "LessThanOrEquals": ("{value} is greater than a value of {expected}", "{value} 大於 {expected} 的值"),
    "MaxCount": ("{path} has too many values, more than {expected}", "{path} 的值多於 {expected} 個"),
    "MaxExclusive": ("{value} is not less than {expected}", "{value} 未小於 {expected}"),
    "MaxInclusive": ("{value} is not at most {expected}", "{value} 超過 {expected}"),
    "MaxLength": ("{value} is longer than {expected} characters", "{value} 長於 {expected} 個字元"),
    "MinCount": ("{path} has too few values, fewer than {expected}", "{path} 的值少於 {expected} 個"),
    "MinExclusive": ("{value} is not greater than {expected}", "{value} 未大於 {expected}"),
    "MinInclusive": ("{value} is not at least {expected}", "{value} 低於 {expected}"),
    "MinLength": ("{value} is shorter than {expected} characters", "{value} 短於 {expected} 個字元"),
    "Node": ("{value} does not conform to {expected}", "{value} 不符合 {expected}"),
    "NodeKind": ("{value} is not a {expected}", "{value} 不是 {expected}"),
    "Not": ("{value} conforms to {expected}, and must not", "{value} 不應符合 {expected}"),
    "Or": ("{value} satisfies none of {expected}", "{value} 未符合 {expected} 中任何一項"),
    "Pattern": ("{value} does not match the pattern {expected}", "{value} 不符合樣式 {expected}"),
    "QualifiedMaxCount": (
        "too many values of {path} have the required form, more than {expected}",
        "{path} 符合要求的值多於 {expected} 個",
    ),
    "QualifiedMinCount": (
        "too few values of {path} have the required form, fewer than {expected}",
        "{path} 符合要求的值少於 {expected} 個",
    ),
    "SPARQL": ("{value} breaks a rule written in SPARQL", "{value} 違反以 SPARQL 寫成的規則"),
    "UniqueLang": (
        "{path} has more than one value in the language {expected}",
        "{path} 在語言 {expected} 有多於一個值",
    ),
    "Xone": ("{value} does not satisfy exactly one of {expected}", "{value} 未恰好符合 {expected} 中的一項"),
}
_OTHER = ("{value} breaks the rule {component}", "{value} 違反規則 {component}")
_LONGEST = 80
# Control characters, and those that turn or hide what follows: a terminal would obey them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]+"
)


def local_name(term: str) -> str:
    """Give the last part of an IRI, which people recognize; other terms stay as they are.

    >>> local_name("<http://example.org/ns#Person>")
    'Person'
    """
    if not term.startswith("<"):
        return term
    text = term[1:-1].rstrip("#/")
    return text[max(text.rfind("#"), text.rfind("/")) + 1 :] or text


def clean(text: str) -> str:
    r"""Make one line of a text that a terminal cannot obey.

    >>> clean("a\r\n\x1b[31mb")
    'a [31mb'
    """
    return _UNSEEN.sub(" ", text)


def show(term: str | None) -> str:
    """Write a term for people: a literal in quotes with its language, shortened; an IRI by its last part."""
    if term is None:
        return ""
    if not is_literal(term):
        return local_name(term)
    text = "".join(c if c.isprintable() else " " for c in lexical(term)[: _LONGEST + 1])
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    tag = language_tag(term)
    return f"“{text}”" + (f" ({tag})" if tag else "")


def wording(result: _Finding, lang: str = "en") -> str:
    """Say in one sentence what a result means; `lang` is `en` or `zh-Hant`, and any other is told in English."""
    short = local_name(result.component)
    name = short.removesuffix("ConstraintComponent") if result.component.startswith("<" + SH) else ""
    sentence = _SENTENCES.get(name, _OTHER)[1 if lang.lower().startswith("zh") else 0]
    return sentence.format(
        path=result.path.text(local_name)
        if result.path
        else ("此節點" if lang.lower().startswith("zh") else "this node"),
        value=show(result.value),
        expected=result.expected or "…",
        component=short,
    )
