"""Messages in the language of the reader, and the choice among texts in several."""

from __future__ import annotations

import io
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from conftest import ROOT
from jinja2 import Environment, nodes

from glocal_rdf import i18n
from glocal_rdf.errors import InputError
from glocal_rdf.i18n import best_tag, languages, match_language, message, message_in, pick, plural

LOCALES = ROOT / "glocal_rdf" / "locales"
CATALOGUES = sorted(LOCALES.glob("*.po"))
KEYWORDS = {"message": (2,), "message_in": ((2, "c"), 3), "plural": (2, 3), "translatable": (1,)}
"""The functions of `i18n` that take messages, and the places of these among their arguments."""


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def used_in(source: bytes) -> Iterator[tuple[str, str]]:
    """The messages of some code: context and text."""
    for _, texts, _, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        yield context or "", texts if isinstance(texts, str) else texts[0]


def used_in_template(source: str) -> Iterator[tuple[str, str]]:
    """The messages of a template of the published site, whose functions know the language: context and text."""
    places = {"message": (None, 0), "message_in": (0, 1), "plural": (None, 0)}
    for call in Environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in places:
            context, text = places[call.node.name]
            values = [getattr(argument, "value", None) for argument in call.args]
            assert isinstance(values[text], str), f"line {call.lineno}: a message is a text, not an expression"
            yield (values[context] if context is not None else ""), values[text]


def messages_of_the_package() -> set[tuple[str, str]]:
    files = [path for path in (ROOT / "glocal_rdf").rglob("*.py") if path.name != "i18n.py"]
    templates = list((ROOT / "glocal_rdf" / "publish" / "templates").rglob("*.html"))
    assert templates
    found = {used for path in files for used in used_in(path.read_bytes())}
    return found | {used for path in templates for used in used_in_template(path.read_text(encoding="utf-8"))}


def fields(text: str) -> set[tuple[str, str]]:
    """The values that a message is filled with, and how they are formatted."""
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


def test_messages_are_found_in_code() -> None:
    source = b'message(lang, "a {x}", x=f("b"))\nmessage_in(l, "c", "d")\nplural(l, "e", "es", n)\ntranslatable("g")'
    assert set(used_in(source)) == {("", "a {x}"), ("c", "d"), ("", "e"), ("", "g")}


def test_messages_are_found_in_templates() -> None:
    source = '{{ message("a {x}", x=name("b")) }}{% if message_in("c", "d") %}{{ plural("e", "es", n) }}{% endif %}'
    assert set(used_in_template(source)) == {("", "a {x}"), ("c", "d"), ("", "e")}


@pytest.mark.slow
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_message_of_the_package_is_translated(path: Path) -> None:
    have = {(entry.context or "", entry.id if isinstance(entry.id, str) else entry.id[0]) for entry in read(path)}
    assert not messages_of_the_package() - have


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_has_the_values_of_its_message(path: Path) -> None:
    for entry in read(path):
        if not entry.id:
            continue
        texts = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        forms = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        assert all(forms), f"{entry.id} is not translated"
        assert not entry.fuzzy, f"{entry.id} is marked as a guess"
        assert {frozenset(fields(form)) for form in forms} == {frozenset(fields(text)) for text in texts}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_is_named_by_a_language_tag_and_says_the_same(path: Path) -> None:
    assert str(read(path).locale).replace("_", "-") == path.stem


def test_the_languages_are_the_catalogues() -> None:
    assert languages() == ("en", *(path.stem for path in CATALOGUES))


def test_a_third_language_is_a_file_of_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="pl")
    catalogue.add("does not conform", "nie jest zgodne")
    catalogue.add(("violation", "violations"), ("naruszenie", "naruszenia", "naruszeń"))
    catalogue.add("conforms", "zgadnięte", flags=["fuzzy"])
    with (tmp_path / "pl.po").open("wb") as file:
        write_po(file, catalogue)
    (tmp_path / "qq.po").write_text('msgid "a\n', encoding="utf-8")
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    cached = (i18n.languages, i18n.match_language, i18n._read_catalogue)
    for function in cached:
        function.cache_clear()
    try:
        assert match_language("pl_PL.UTF-8") == "pl"
        assert message("pl", "does not conform") == "nie jest zgodne"
        assert [plural("pl", "violation", "violations", n) for n in (1, 2, 5)] == [
            "naruszenie",
            "naruszenia",
            "naruszeń",
        ]
        assert message("pl", "conforms") == "conforms", "a guess is not a translation"
        assert plural("pl", "warning", "warnings", 2) == "warnings"
        with pytest.raises(InputError, match=r"qq\.po: is not a catalogue of messages"):
            message("qq", "conforms")
    finally:
        for function in cached:
            function.cache_clear()


def test_values_are_filled_in_and_are_no_templates_themselves() -> None:
    assert message("zh-Hant", "not checked: {what}", what="{what} {0}") == "未檢查：{what} {0}"
    assert message("en", "100 % {of}") == "100 % {of}"


def test_a_message_differs_by_context() -> None:
    assert message("zh-TW", "name") != message_in("zh-TW", "match", "name")
    assert message_in("zh-TW", "unknown", "name") == "name"


@pytest.mark.parametrize(
    ("tags", "lang", "expected"),
    [
        (["en", "en-GB", "EN"], "en", "en"),
        (["en-GB", "en"], "en-us", "en"),
        (["en-GB"], "en", "en-GB"),
        (["zh-Hans", "zh-Hant-TW"], "zh-Hant", "zh-Hant-TW"),
        (["zh-Hans"], "zh-Hant", "zh-Hans"),
        (["", "fr"], "en", ""),
        (["", "en"], "zh", ""),
        (["fr", "de"], "en", "fr"),
        (["fr", "de"], "zh", "fr"),
        (["fr", "en-GB"], "zh", "en-GB"),
        (["eng"], "en", "eng"),
        ([], "en", None),
    ],
)
def test_the_best_language_is_chosen(tags: list[str], lang: str, expected: str | None) -> None:
    assert best_tag(tags, lang) == expected
    without = best_tag(tags, lang, fallback=False)
    assert without in {expected, None}


def test_a_language_is_not_the_one_whose_tag_begins_with_it() -> None:
    assert best_tag(["eng"], "en", fallback=False) is None


def test_empty_texts_are_not_chosen_and_the_first_of_a_language_is() -> None:
    assert pick([("", "en"), ("b", "en"), ("c", "en"), ("d", "fr")], "en") == "b"
    assert pick({"en": "", "fr": "d"}, "en") == "d"
    assert pick({"en": ""}, "en") == ""


def test_english_needs_no_library() -> None:
    code = (
        "import sys; from glocal_rdf.i18n import languages, match_language, message\n"
        "match_language('C'), message('en', 'a {b}', b=1)\n"
        "print([name for name in ('babel', 'gettext', 'polars') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
