"""Renders the pages of a site: templates (Jinja2), of the project first and of the package else.

A project overrides a template by a file of the same name in its folder `templates/`; files in `templates/assets/`
replace or join those of the package (`assets/site.css`). Everything that is put into a template is escaped, in HTML, in
attributes and in embedded JSON alike; templates and what `Markup` marks are the only HTML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import InputError
from glocal_rdf.files import read_bytes
from glocal_rdf.i18n import message, message_in, plural, punctuation
from glocal_rdf.namespaces import EDTF, shorten
from glocal_rdf.publish.about import safe_link
from glocal_rdf.publish.phrases import cite, name_kind, name_section, other_names, report_link
from glocal_rdf.publish.showing import TermWriter
from glocal_rdf.publish.site import POLICY, File, Page, Site

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["ASSETS", "Renderer", "embed_json", "find_assets", "name_language", "name_locale"]

ASSETS: Final = "assets"
_PACKAGE: Final = Path(__file__).parent
_MAX_ASSET: Final = 64 << 20


class Renderer:
    """Renders pages of one site; a part makes one of its own and uses it for all of its pages."""

    def __init__(self, site: Site, *, like: Renderer | None = None) -> None:
        """Take the site, and find the templates.

        Args:
            site: The site.
            like: A renderer whose templates, which take time to read, are used for this site too.

        Raises:
            InputError: Where the project has a folder of templates that cannot be read.
        """
        self.site = site
        self._environment: Environment = (
            like._environment if like else _open_environment(site.built.project.root / "templates")
        )
        self._writers = {lang: TermWriter(site, lang) for lang in site.languages}

    def render(self, page: Page, template: str, **values: Any) -> Iterator[File]:
        """Render a page in every language of the site.

        Args:
            page: The page.
            template: The name of the template, which extends `base.html`.
            **values: What the template needs besides `site`, `page`, `lang` and the functions of `_functions`.

        Raises:
            InputError: Where a template of the project has a mistake, with its place.
        """
        for lang in self.site.languages:
            yield File(self.site.file_of(page.path, lang), self.render_in(page, template, lang, **values))

    def render_in(self, page: Page, template: str, lang: str, **values: Any) -> bytes:
        """Render a page in one language.

        Args:
            page: The page.
            template: The name of the template.
            lang: The language.
            **values: What the template needs.

        Raises:
            InputError: Where a template of the project has a mistake, with its place.
        """
        return self.render_part(page, template, lang, **values).encode(errors="backslashreplace")

    def render_part(self, page: Page, template: str, lang: str, **values: Any) -> str:
        """Render a template that is a part of a page, such as what a part of the site adds to the pages of others.

        Args:
            page: The page that it stands on.
            template: The name of the template.
            lang: The language.
            **values: What the template needs.

        Raises:
            InputError: Where a template of the project has a mistake, with its place.
        """
        from jinja2 import TemplateError  # noqa: PLC0415 - only where a site is published

        try:
            found = self._environment.get_template(template)
            return found.render(site=self.site, page=page, lang=lang, **self._functions(page, lang), **values)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            name = getattr(error, "name", None) or template
            where = f"templates/{name}" + (f":{line}" if line else "")
            raise InputError.at(where, f"is not a template: {error.message}", "see docs/commands/publish.md") from error

    def _functions(self, page: Page, lang: str) -> Mapping[str, Any]:
        """Return what templates call: messages, links and names in the language of the page."""
        from markupsafe import Markup  # noqa: PLC0415 - only where a site is published

        site = self.site
        policy = {**POLICY, **page.policy}
        return {
            "message": lambda text, **values: message(lang, text, **values),
            "message_in": lambda context, text, **values: message_in(lang, context, text, **values),
            "plural": lambda one, many, number, **values: plural(lang, one, many, number, **values),
            "link": lambda path: site.link(page, path, lang),
            "link_file": lambda path: site.link_file(page, path),
            "name": lambda term: site.name_of(term, lang),
            "short_iri": lambda term: shorten(term, site.prefixes).strip("<>"),
            "insert": lambda place: Markup(site.insert(place, page, lang)),  # noqa: S704 - parts escape what they add
            "policy": "; ".join(f"{directive} {policy[directive]}" for directive in sorted(policy)),
            "by_name": lambda things: sorted(things, key=lambda one: (site.name_of(one, lang).casefold(), one)),
            "colon": punctuation(lang)[1],
            "comma": punctuation(lang)[0],
            "semicolon": "；" if lang.startswith("zh") else "; ",
            "in_language": lambda qualifiers: _keep_language(_drop_repeated(qualifiers), lang),
            "texts_in_language": lambda values: [value for _, value in _keep_language([("", v) for v in values], lang)],
            "other_names": lambda term: other_names(site, term, lang),
            "kind_name": lambda kind: name_kind(kind, lang),
            "section_name": lambda name: name_section(name, lang),
            "cite": lambda page: cite(site, page, lang),
            "report_link": lambda page: report_link(site, page, lang),
            "language_name": name_language,
            "locale_name": name_locale,
            "safe_link": safe_link,
            "show": lambda term: Markup(self._writers[lang].write(page, term)),  # noqa: S704 - it escapes
            "embed_json": embed_json,
        }


def _keep_language(pairs: Sequence[tuple[str, str]], lang: str) -> list[tuple[str, str]]:
    """Leave out texts in other languages, where there is one with the same predicate in this."""
    translated = {predicate for predicate, value in pairs if value.endswith(f'"@{lang}')}
    return [
        (predicate, value)
        for predicate, value in pairs
        if predicate not in translated or value.endswith(f'"@{lang}') or '"@' not in value
    ]


def _drop_repeated(qualifiers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out a date in EDTF where another qualifier has the same text, as that of an exact date is."""
    exact = {value[: value.rindex('"')] for _, value in qualifiers if value.startswith('"') and not _is_edtf(value)}
    return [
        (predicate, value)
        for predicate, value in qualifiers
        if not (_is_edtf(value) and value[: value.rindex('"')] in exact)
    ]


def _is_edtf(value: str) -> bool:
    return value.endswith(f"^^<{EDTF}EDTF>")


def embed_json(value: object) -> str:
    r"""Write a value as JSON that may stand in a `script` element: nothing in it ends the element.

    Args:
        value: What JSON can hold.

    Examples:
        >>> str(embed_json({"name": "</script><!--"}))
        '{"name":"\\u003c/script\\u003e\\u003c!--"}'
    """
    from markupsafe import Markup  # noqa: PLC0415 - only where a site is published

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - it has no markup any more


@cache
def name_language(tag: str) -> str:
    """Return the name of a language in that language; the tag where it is not known.

    Examples:
        >>> name_language("en"), name_language("zh-Hant"), name_language("qqq")
        ('English', '繁體中文', 'qqq')
    """
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only where a site is published

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return tag
    if locale.language == "zh" and locale.script == "Hant" and not locale.territory:
        return "繁體中文"
    return (locale.get_display_name() or tag).capitalize()


@cache
def name_locale(tag: str) -> str:
    """Return the locale of a language where most of those live who read it, as Open Graph names it; or nothing.

    Examples:
        >>> name_locale("en"), name_locale("zh-Hant"), name_locale("pt-BR"), name_locale("qqq")
        ('en_US', 'zh_TW', 'pt_BR', '')

    https://ogp.me/#optional
    """
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - only where a site is published
    from babel.core import get_global  # noqa: PLC0415

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return ""
    if not locale.territory:
        likely = get_global("likely_subtags").get(str(locale), "")
        territory = likely.rpartition("_")[2] if likely else ""
        return f"{locale.language}_{territory}" if territory.isupper() else ""
    return f"{locale.language}_{locale.territory}"


def find_assets(site: Site) -> Iterator[File]:
    """Yield the style sheet and the other assets of the package, and those of the project, which come first.

    Raises:
        InputError: Where one of the project cannot be read.
    """
    found: dict[str, Path] = {}
    for folder in (_PACKAGE / "static", site.built.project.root / "templates" / ASSETS):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                found[path.relative_to(folder).as_posix()] = path
    for name in sorted(found):
        yield File(f"{ASSETS}/{name}", read_bytes(found[name], _MAX_ASSET))


def _open_environment(folder: Path) -> Environment:
    """Return the templates; those of a project are run in a sandbox, which takes twice the time."""
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - as above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    own = folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
    loaders = [FileSystemLoader(one) for one in (folder, _PACKAGE / "templates") if one.is_dir()]
    environment = (ImmutableSandboxedEnvironment if own else Environment)(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    return environment
