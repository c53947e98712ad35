"""Matches texts in a process of its own, which can be ended: a script that reads a job and writes an answer.

The job is JSON on stdin: `engine` (`python` or `rust`), `patterns` and `texts`; the answer is one byte a text, `1` if
one of the patterns matches a part of it. It imports nothing from the package, so that it starts fast.
"""

from __future__ import annotations

import json
import os
import re


def main() -> None:
    """Run one job."""
    with os.fdopen(0, "rb") as job:
        parameters = json.load(job)
    patterns, texts = parameters["patterns"], parameters["texts"]
    if parameters["engine"] == "rust":
        import polars as pl  # noqa: PLC0415 - only where it is wanted

        column = pl.Series(texts, dtype=pl.String)
        found = [any(each) for each in zip(*(column.str.contains(p) for p in patterns), strict=True)]
    else:
        searches = [re.compile(pattern).search for pattern in patterns]
        found = [any(search(text) is not None for search in searches) for text in texts]
    with os.fdopen(1, "wb") as answer:
        answer.write(bytes(49 if each else 48 for each in found))


if __name__ == "__main__":
    main()
