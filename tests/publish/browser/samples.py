"""Chooses pages of a site to look at: some of each kind, so that every template and every new kind is among them."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

_KIND = re.compile(r'<body class="([^"]*)"')


@cache
def group_pages(site: Path) -> dict[str, list[str]]:
    """Return the pages of a site by their kind (the class of their body); pages that only lead on have none."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for path in sorted(site.rglob("*.html")):
        text = path.read_text("utf-8")
        if (found := _KIND.search(text)) and 'http-equiv="refresh"' not in text:
            kinds[found[1]].append(path.relative_to(site).as_posix())
    return kinds


def sample_pages(site: Path, number: int) -> list[str]:
    """Return pages of each kind, from the shortest to nearly the longest, in every language."""
    chosen = []
    for pages in group_pages(site).values():
        first = [page for page in pages if not page.endswith(".zh-Hant.html")] or pages
        first.sort(key=lambda page: ((site / page).stat().st_size, page))
        places = {round((len(first) - 1) * 0.95 * (step + 1) / number) for step in range(number)}
        for page in (first[place] for place in sorted(places)):
            other = page.removesuffix("html") + "zh-Hant.html"
            chosen += [page, *([other] if (site / other).is_file() else [])]
    return chosen
