"""Renders the pages of a site: templates (Jinja2), of the project first and of the package else.

A project overrides a template by a file of the same name in its folder `templates/`; files in `templates/assets/`
replace or join those of the package (`assets/site.css`). Everything that is put into a template is escaped, in HTML, in
attributes and in embedded JSON alike; templates and what `Markup` marks are the only HTML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glocal_rdf.errors import InputError
from glocal_rdf.files import read_bytes
from glocal_rdf.i18n import message, message_in, plural, punctuation
from glocal_rdf.namespaces import XSD
from glocal_rdf.publish.about import safe_link
from glocal_rdf.publish.site import POLICY, File, Page, Site
from glocal_rdf.triples import terms

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["ASSETS", "Renderer", "embed_json", "find_assets", "name_language", "split_literal"]

ASSETS: Final = "assets"
_PACKAGE: Final = Path(__file__).parent
_MAX_ASSET: Final = 64 << 20


class Renderer:
    """Renders pages of one site; a part makes one of its own and uses it for all of its pages."""

    def __init__(self, site: Site) -> None:
        """Take the site, and find the templates.

        Raises:
            InputError: Where the project has a folder of templates that cannot be read.
        """
        self.site = site
        self._environment = _open_environment(site.built.project.root / "templates")

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
        from jinja2 import TemplateError  # noqa: PLC0415 - only where a site is published

        try:
            found = self._environment.get_template(template)
            text = found.render(site=self.site, page=page, lang=lang, **self._functions(page, lang), **values)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            name = getattr(error, "name", None) or template
            where = f"templates/{name}" + (f":{line}" if line else "")
            raise InputError.at(where, f"is not a template: {error.message}", "see docs/commands/publish.md") from error
        return text.encode(errors="backslashreplace")

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
            "insert": lambda place: Markup(site.insert(place, page, lang)),  # noqa: S704 - parts escape what they add
            "policy": "; ".join(f"{directive} {policy[directive]}" for directive in sorted(policy)),
            "colon": punctuation(lang)[1],
            "language_name": name_language,
            "safe_link": safe_link,
            "split": split_literal,
            "embed_json": embed_json,
        }


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


def split_literal(literal: str) -> tuple[str, str, str]:
    """Return the text of a literal, its language, and the IRI of its datatype; the latter are empty where it has none.

    Examples:
        >>> split_literal('"Taipei"@en'), split_literal('"5"^^<http://www.w3.org/2001/XMLSchema#integer>')
        (('Taipei', 'en', ''), ('5', '', 'http://www.w3.org/2001/XMLSchema#integer'))
        >>> split_literal('"5"')
        ('5', '', 'http://www.w3.org/2001/XMLSchema#string')
    """
    text, rest = terms.unquote(literal), literal[literal.rindex('"') + 1 :]
    if rest.startswith("@"):
        return text, rest[1:], ""
    return text, "", rest[3:-1] if rest else f"{XSD}string"


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
    from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only where a site is published
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    loaders = [FileSystemLoader(one) for one in (folder, _PACKAGE / "templates") if one.is_dir()]
    environment = ImmutableSandboxedEnvironment(
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
