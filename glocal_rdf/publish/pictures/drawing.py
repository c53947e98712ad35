"""Draws pictures: Vega lays them out (vl-convert, offline), and lxml writes words, links and classes into the SVG.

1. Vega gets numbers, names of tokens for colours, and placeholders for texts; its marks have keys as descriptions.
2. Each drawing is made once, and its numbers are rounded to a tenth of a pixel, so that machines agree on the bytes.
3. For a page, placeholders become texts, marks become links with names, and colours become classes, which
   `pictures.css` gives the tokens of the site: the content security policy allows no style in a page.

SVG 2: https://www.w3.org/TR/SVG2/ · SVG Accessibility API Mappings: https://www.w3.org/TR/svg-aam-1.0/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from glocal_rdf.publish.pictures.lettering import Box, place_names, wrap
from glocal_rdf.publish.pictures.model import Picture

if TYPE_CHECKING:
    from glocal_rdf.publish.site import Page, Site

__all__ = ["EXTRA", "LABEL_SIZE", "Artist", "can_draw"]

EXTRA: Final = "pip install 'glocal-rdf[pictures]'"
"""How the package that draws is installed."""

LABEL_SIZE: Final = 12
"""The size of the names beside marks, in pixels of the picture."""

LINE_WIDTH: Final = 126
"""How wide a line of a name beneath a mark is."""

_SVG: Final = "{http://www.w3.org/2000/svg}"
_NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_MOVE: Final = re.compile(r"translate\(\s*(-?[\d.]+)[ ,]+(-?[\d.]+)\s*\)")
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLOUR: Final = re.compile(r"[a-z][a-z0-9-]*")
_DROPPED: Final = (
    "aria-roledescription",
    "aria-hidden",
    "role",
    "class",
    "font-family",
    "stroke-miterlimit",
    "display",
)


def can_draw() -> bool:
    """Return whether the package that draws is installed."""
    try:
        import_module("vl_convert")
    except ImportError:
        return False
    return True


class Artist:
    """Draws the pictures of a site, each once, and letters them for pages."""

    def __init__(self, site: Site) -> None:
        """Take the site, for the addresses of its pages."""
        self._site = site
        self._drawn: dict[str, Any] = {}

    def draw(self, picture: Picture, page: Page, lang: str) -> str:
        """Return a picture as SVG that stands in a page.

        Args:
            picture: The picture.
            page: The page, from which links lead.
            lang: The language of its words.
        """
        if picture.key not in self._drawn:
            self._drawn[picture.key] = _lay_out(picture)
        root = deepcopy(self._drawn[picture.key])
        places = dict(_find_places(root))
        _write_texts(root, picture, lang)
        self._link_marks(root, picture, page, lang)
        _write_labels(root, picture, places, lang)
        _describe(root, picture, lang)
        text: str = etree.tostring(root, encoding="unicode")
        return text

    def _link_marks(self, root: Any, picture: Picture, page: Page, lang: str) -> None:
        """Give marks their names, and put a link around those that lead to a page."""
        for element in [one for one in root.iter() if one.get("aria-label") in picture.marks]:
            mark = picture.marks[element.get("aria-label")]
            del element.attrib["aria-label"]
            name = _clean(mark.texts[lang])
            title = etree.Element(f"{_SVG}title")
            title.text = name
            element.insert(0, title)
            if not mark.path:
                continue
            link = etree.Element(f"{_SVG}a", {"href": self._site.link(page, mark.path, lang), "aria-label": name})
            parent = element.getparent()
            parent.replace(element, link)
            link.append(element)


def _lay_out(picture: Picture) -> Any:
    """Let Vega draw a picture, and return it without what names fonts, colours and roles."""
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "padding": 0,
        "autosize": "none",
        "background": None,
        **picture.spec,
    }
    text = import_module("vl_convert").vega_to_svg(json.dumps(spec), allowed_base_urls=[])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(text.encode(), parser)
    for element in list(root.iter()):
        if element.get("class") in {"background", "foreground"} and element.tag == f"{_SVG}path":
            element.getparent().remove(element)
    for element in root.iter():
        for name in _DROPPED:
            element.attrib.pop(name, None)
        classes = [
            f"{kind}-{value}"
            for kind in ("fill", "stroke")
            if _COLOUR.fullmatch(value := element.get(kind, "")) and value not in {"none", "transparent"}
        ]
        for one in classes:
            del element.attrib[one.partition("-")[0]]
        if classes:
            element.set("class", " ".join(classes))
        for name in ("d", "transform"):
            if name in element.attrib:
                element.set(name, _NUMBER.sub(_round, element.get(name)))
        if element.get("transform") == "translate(0,0)":
            del element.attrib["transform"]
    _unwrap(root)
    width, height = picture.spec["width"], picture.spec["height"]
    drawn = etree.Element(f"{_SVG}svg", {"viewBox": f"0 0 {width} {height}"}, nsmap={None: _SVG[1:-1]})
    drawn.extend(list(root))
    return drawn


def _round(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _unwrap(root: Any) -> None:
    """Take away the groups that do nothing."""
    for group in reversed(list(root.iter(f"{_SVG}g"))):
        parent = group.getparent()
        if parent is not None and not group.attrib:
            place = parent.index(group)
            for child in reversed(list(group)):
                parent.insert(place, child)
            parent.remove(group)


def _find_places(root: Any) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the keys of marks, with the points where they are."""
    for element in root.iter():
        key = element.get("aria-label")
        moved = _MOVE.search(element.get("transform", ""))
        if key and moved:
            yield key, (float(moved[1]), float(moved[2]))


def _write_texts(root: Any, picture: Picture, lang: str) -> None:
    for element in root.iter(f"{_SVG}text"):
        text = element.text or ""
        if text.startswith("⟦") and text.endswith("⟧"):
            element.text = _clean(picture.texts[text[1:-1]][lang])


def _write_labels(root: Any, picture: Picture, places: dict[str, tuple[float, float]], lang: str) -> None:
    """Write the names of marks beside or beneath them, over all else; they are not read twice."""
    if not picture.labels:
        return
    group = etree.SubElement(root, f"{_SVG}g", {"class": "labels", "aria-hidden": "true"})
    named = {key: picture.marks[key] for key in picture.labels if key in places}
    names = {key: _clean((mark.label or mark.texts)[lang]) for key, mark in named.items()}
    frame = Box(2, 2, picture.spec["width"] - 2, picture.spec["height"] - 2)
    if picture.lettering == "beneath":
        _crop(root, picture, places)
        for key, name in names.items():
            x, y = places[key]
            for number, line in enumerate(wrap(name, LABEL_SIZE, LINE_WIDTH, 3)):
                _write_label(group, x, y + 19 + number * 13, "middle", line)
        return
    placed = place_names(
        names,
        places,
        frame,
        LABEL_SIZE,
        first=picture.first,
        gap=10 if picture.kind == "map" else 7,
        above=picture.lettering == "above",
    )
    for key, (x, y, anchor) in placed.items():
        _write_label(group, x, y, anchor, names[key])


def _crop(root: Any, picture: Picture, places: dict[str, tuple[float, float]]) -> None:
    """Show what the marks and the names beneath them take, and at least the width of the picture."""
    xs, ys = zip(*places.values(), strict=True)
    margin = LINE_WIDTH / 2 + 6
    left, right = min(xs) - margin, max(xs) + margin
    spare = max(0, picture.spec["width"] - (right - left)) / 2
    box = (left - spare, min(ys) - 18, right - left + 2 * spare, max(ys) - min(ys) + 74)
    root.set("viewBox", " ".join(f"{number:.0f}" for number in box))


def _write_label(group: Any, x: float, y: float, anchor: str, text: str) -> None:
    label = etree.SubElement(
        group, f"{_SVG}text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "font-size": str(LABEL_SIZE)}
    )
    label.text = text


def _describe(root: Any, picture: Picture, lang: str) -> None:
    """Write the title, and what the picture shows in words."""
    linked = any(True for _ in root.iter(f"{_SVG}a"))
    names = {"title": f"{picture.key}-title", "desc": f"{picture.key}-desc"}
    # What has the role of an image hides the links in it from those who cannot see them.
    root.set("role", "graphics-document" if linked else "img")
    root.set("aria-labelledby", names["title"])
    root.set("aria-describedby", names["desc"])
    root.set("class", f"picture-{picture.kind}")
    for number, (name, texts) in enumerate((("title", picture.titles), ("desc", picture.descriptions))):
        element = etree.Element(f"{_SVG}{name}", {"id": names[name]})
        element.text = _clean(texts[lang])
        root.insert(number, element)


def _clean(text: str) -> str:
    """Replace the characters that XML cannot hold."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
