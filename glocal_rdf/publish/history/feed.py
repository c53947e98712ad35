"""Writes the releases of a dataset as a feed that readers of news follow (Atom).

https://www.rfc-editor.org/rfc/rfc4287
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from glocal_rdf.namespaces import ATOM

__all__ = ["Entry", "write_feed"]

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Entry(NamedTuple):
    """A release in the feed.

    Attributes:
        iri: Its IRI.
        title: What it is called.
        moment: When it was released.
        address: The address of its page.
        summary: What has changed, as text.
    """

    iri: str
    title: str
    moment: str
    address: str
    summary: str


def write_feed(iri: str, title: str, author: str, page: str, own: str, lang: str, entries: Iterable[Entry]) -> bytes:
    """Write a feed.

    Args:
        iri: Its IRI.
        title: Its title.
        author: Who releases the dataset.
        page: The address of the page that lists the releases.
        own: The address of the feed.
        lang: Its language.
        entries: The releases, the latest first.

    Examples:
        >>> entry = Entry("https://e.org/parks/1.0.0", "Parks 1.0.0", "2026-01-01T00:00:00Z", "1.0.0.html", "First.")
        >>> b"<updated>2026-01-01T00:00:00Z</updated>" in write_feed(
        ...     "https://e.org/parks", "Parks", "Willow Bay", "index.html", "feed.xml", "en", [entry]
        ... )
        True
    """
    entries = tuple(entries)
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    _add(feed, "id", iri)
    _add(feed, "title", title)
    _add(feed, "updated", max(entry.moment for entry in entries))
    _add(ET.SubElement(feed, "author"), "name", author)
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": page})
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": own})
    for one in entries:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", one.iri)
        _add(entry, "title", one.title)
        _add(entry, "updated", one.moment)
        _add(entry, "published", one.moment)
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": one.address})
        _add(entry, "summary", one.summary)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(feed, "unicode")}\n'.encode()


def _add(element: ET.Element, name: str, text: str) -> None:
    ET.SubElement(element, name).text = _NO_XML.sub("\ufffd", text)
