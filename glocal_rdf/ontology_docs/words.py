"""The fixed words of an ontology's reference, and the choice among its texts in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from glocal_rdf.i18n import message, message_in, pick, translatable
from glocal_rdf.ontology_docs.ontology import Text

__all__ = ["join_texts", "pick_text", "translate_words"]

_WORDS: Final[Mapping[str, str]] = {
    "version": translatable("Version"),
    "before": translatable("before it"),
    "namespace": translatable("Namespace"),
    "licence": translatable("Licence"),
    "modified": translatable("Last changed"),
    "cite": translatable("To cite"),
    "history": translatable("Versions"),
    "notes": translatable("How it is made"),
    "contents": translatable("Contents"),
    "pictures": translatable("Pictures"),
    "class": translatable("Classes"),
    "object": translatable("Properties that join things"),
    "datatype": translatable("Properties with values"),
    "reused": translatable("Terms of others, and how they are used"),
    "schemes": translatable("Concept schemes and fixed values"),
    "questions": translatable("Competency questions"),
    "term": translatable("Term"),
    "label": translatable("Name"),
    "use": translatable("Use here"),
    "match": translatable("Mapping"),
    "value": translatable("Value"),
    "definition": translatable("Definition"),
    "question": translatable("Question"),
    "terms": translatable("Terms"),
    "note": translatable("Note"),
    "under": translatable("Under"),
    "over": translatable("Over it"),
    "of": translatable("Of"),
    "to": translatable("Value"),
    "inverse": translatable("Inverse"),
    "symmetric": translatable("symmetric"),
    "example": translatable("Example"),
    "found": translatable("Found by"),
    "retired": translatable("Deprecated terms"),
    "instead": translatable("Use instead"),
    "asked": translatable("Asked by"),
    "exactMatch": translatable("same as"),
    "closeMatch": translatable("close to"),
    "broadMatch": translatable("narrower than"),
    "narrowMatch": translatable("wider than"),
    "generated": translatable(
        "Written from the ontology and the bundled questions by `{command}`; change those, not this."
    ),
}


def translate_words(lang: str) -> dict[str, str]:
    """Return the fixed words of a reference, and its punctuation, in a language.

    Examples:
        >>> translate_words("en")["object"], translate_words("zh-Hant")["comma"]
        ('Properties that join things', '、')
    """
    return {name: message(lang, word) for name, word in _WORDS.items()} | {
        "comma": message_in(lang, "punctuation: list", ", "),
        "colon": message_in(lang, "punctuation: label", ": "),
        "and": message_in(lang, "punctuation: clause", "; "),
    }


def pick_text(texts: Text, lang: str) -> str:
    """Return the first text in the language that suits a reader best.

    Examples:
        >>> pick_text({"en": ("seat",), "zh-Hant": ("所在地",)}, "zh-TW"), pick_text({}, "en")
        ('所在地', '')
    """
    return pick({tag: found[0] for tag, found in texts.items() if found}, lang)


def join_texts(texts: Text, lang: str, separator: str = " ") -> str:
    """Return the first text in a language, and beside it those in the other languages.

    Args:
        texts: The texts by language tag.
        lang: The language that comes first.
        separator: What stands between the texts.

    Examples:
        >>> join_texts({"en": ("seat",), "zh-Hant": ("所在地",)}, "zh-Hant")
        '所在地 seat'
    """
    tags = [lang, *(tag for tag in texts if tag != lang)]
    return separator.join(texts[tag][0] for tag in tags if texts.get(tag))
