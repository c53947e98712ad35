"""The fixed words of a reference, in the languages that it can be written in; and how texts of two languages stand."""

from __future__ import annotations

from glocal_rdf.ontology_docs.ontology import Text

__all__ = ["LANGUAGES", "WORDS", "say", "say_both"]

LANGUAGES = ("en", "zh-Hant")
WORDS = {
    "en": {
        "version": "Version", "before": "before it", "namespace": "Namespace", "licence": "Licence",
        "modified": "Last changed", "cite": "To cite", "history": "Versions", "notes": "How it is made",
        "contents": "Contents", "pictures": "Pictures", "colon": ": ", "comma": ", ",
        "class": "Classes", "object": "Properties that join things", "datatype": "Properties with values",
        "reused": "Terms of others, and how they are used", "schemes": "Concept schemes and fixed values",
        "questions": "Competency questions", "term": "Term", "label": "Name", "use": "Use here", "match": "Mapping",
        "value": "Value", "definition": "Definition", "question": "Question", "terms": "Terms",
        "note": "Note", "under": "Under", "over": "Over it", "of": "Of", "to": "Value", "inverse": "Inverse",
        "symmetric": "symmetric", "example": "Example", "asked": "Asked by", "exactMatch": "same as",
        "closeMatch": "close to", "broadMatch": "narrower than", "narrowMatch": "wider than", "and": "; ",
        "generated": "Written from the ontology and the bundled questions by `{command}`; change those, not this.",
    },
    "zh-Hant": {
        "version": "版本", "before": "前一版本", "namespace": "命名空間", "licence": "授權條款",
        "modified": "最後修改", "cite": "引用格式", "history": "版本沿革", "notes": "編訂原則",
        "contents": "目次", "pictures": "圖示", "colon": "：", "comma": "、",
        "class": "類別", "object": "連結事物之屬性", "datatype": "具值之屬性",
        "reused": "沿用他人之詞彙及其用法", "schemes": "概念體系與固定值",
        "questions": "能力問題", "term": "詞彙", "label": "名稱", "use": "於此之用法", "match": "對映",
        "value": "值", "definition": "定義", "question": "問題", "terms": "詞彙",
        "note": "註", "under": "上位", "over": "下位", "of": "用於", "to": "值", "inverse": "反向",
        "symmetric": "對稱", "example": "例", "asked": "用於問題", "exactMatch": "同於",
        "closeMatch": "近於", "broadMatch": "窄於", "narrowMatch": "寬於", "and": "；",
        "generated": "本頁由 `{command}` 依本體與隨附問題產生；請修改其來源，勿修改本頁。",
    },
}  # fmt: skip


def say(text: Text, lang: str) -> str:
    """Return a text in a language, or in another where it has none in that."""
    for tag in (lang, *LANGUAGES, *text):
        if text.get(tag):
            return text[tag][0]
    return ""


def say_both(text: Text, lang: str, between: str = " ") -> str:
    """Return a text in a language, and beside it in the others that it has.

    Args:
        text: The text by language tag.
        lang: The language that comes first.
        between: What stands between the texts.
    """
    tags = [lang, *(tag for tag in text if tag != lang)]
    return between.join(text[tag][0] for tag in tags if text.get(tag))
