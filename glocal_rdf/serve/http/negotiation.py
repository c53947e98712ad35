"""Chooses what is sent among what there is: a media type by Accept, a language by Accept-Language.

1. Each offer has the quality of the most specific range that it matches; none where no range does.
2. The highest quality wins; among equals that which is offered first. So `*/*` alone gives the first offer.
3. A header that cannot be read counts as if it were not there, as RFC 9110 allows; so does an empty one.

https://www.rfc-editor.org/rfc/rfc9110#section-12.5
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["choose_language", "choose_media_type", "read_qualities"]

_MAX_RANGES: Final = 100
"""How many ranges of one header are read; the rest has no effect."""

_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_RANGE: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+(?:/[\w!#$%&'*+.^`|~-]+)?", re.ASCII)


def read_qualities(header: str) -> dict[str, float]:
    """Read a header of ranges with qualities: Accept, Accept-Language, Accept-Encoding.

    Args:
        header: Its value, or those of several joined by commas.

    Returns:
        The qualities by range in lower case, in their order; those of media types with their parameters, but for `q`.

    Examples:
        >>> read_qualities("text/turtle, text/html;q=0.5, */*;q=0.1")
        {'text/turtle': 1.0, 'text/html': 0.5, '*/*': 0.1}
        >>> read_qualities("")
        {}
    """
    found: dict[str, float] = {}
    for part in header.split(",", _MAX_RANGES)[:_MAX_RANGES]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        name = name.lower()
        if not _RANGE.fullmatch(name):
            continue
        quality = 1.0
        kept = []
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = float(value) if _QUALITY.fullmatch(value.strip()) else -1.0
                break
            kept.append(f"{key.strip().lower()}={value.strip()}")
        if quality >= 0:
            found.setdefault(";".join([name, *kept]), quality)
    return found


def choose_media_type(accept: str | None, offers: Sequence[str]) -> str | None:
    """Choose a media type.

    Args:
        accept: The value of `Accept`; None where it was not sent.
        offers: What there is, the preferred one first, without parameters.

    Returns:
        One of the offers; None where none is acceptable (406).

    Examples:
        >>> choose_media_type("text/turtle;q=0.9, text/html", ["text/html", "text/turtle"])
        'text/html'
        >>> choose_media_type("text/*;q=0.5, text/html;q=0", ["text/html", "text/turtle"])
        'text/turtle'
        >>> choose_media_type(None, ["text/html"]), choose_media_type("image/png", ["text/html"])
        ('text/html', None)
    """
    qualities = read_qualities(accept or "") or {"*/*": 1.0}
    best = max(offers, key=lambda offer: _media_quality(qualities, offer), default=None)
    return best if best is not None and _media_quality(qualities, best) > 0 else None


def _media_quality(qualities: Mapping[str, float], offer: str) -> float:
    kind = offer.partition("/")[0]
    if offer in qualities:
        return qualities[offer]
    # `text/html;level=1` and `text/turtle;charset=utf-8` are met by the type: ours have no other parameters.
    with_parameters = [value for name, value in qualities.items() if name.partition(";")[0] == offer]
    if with_parameters:
        return max(with_parameters)
    return qualities.get(f"{kind}/*", qualities.get("*/*", 0.0))


def choose_language(accept: str | None, offers: Sequence[str], *, former: Mapping[str, str] = {}) -> str:
    """Choose a language; the first one that is offered where none is wanted (RFC 4647, lookup).

    Args:
        accept: The value of `Accept-Language`; None where it was not sent.
        offers: The languages that there are, as tags, the preferred one first.
        former: Offers by tags that mean them but do not begin alike, in lower case.

    Examples:
        >>> choose_language("fr, zh-Hant-TW;q=0.8, en;q=0.5", ["en", "zh-Hant"])
        'zh-Hant'
        >>> choose_language("zh-TW", ["en", "zh-Hant"]), choose_language("*", ["en", "zh-Hant"])
        ('zh-Hant', 'en')
    """
    qualities = read_qualities(accept or "")
    refused = {name for name, quality in qualities.items() if quality == 0}
    known = {offer.lower(): offer for offer in offers}
    for name, quality in sorted(qualities.items(), key=lambda item: -item[1]):
        if quality <= 0:
            break
        if name == "*":
            return next((offer for offer in offers if offer.lower() not in refused), offers[0])
        tag = former.get(name, name)
        while tag:
            if tag in known and tag not in refused:
                return known[tag]
            tag = tag.rpartition("-")[0]
        # `zh` and `zh-TW` are met by `zh-Hant`, which is what the pages in Chinese are written in.
        language = name.partition("-")[0]
        if close := next((offer for low, offer in known.items() if low.partition("-")[0] == language), ""):
            return close
    return offers[0]
