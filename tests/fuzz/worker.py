"""The process that checks inputs: reads a question a line, and answers with what is wrong, or nothing."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from random import Random

from fuzz.targets import TARGETS, Files, Target, unpack
from glocal_rdf.errors import GlocalError


def check(target: Target, files: Files, folder: Path) -> str:
    """Check one input: everything but our own errors is wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.check(files, folder)
    except GlocalError as error:
        for problem in error.problems:
            text = str(problem)
            if "Traceback" in text or not text.strip():
                return f"an error that says nothing: {text[:200]!r}"
        return ""
    except AssertionError as error:
        return f"{_place()}: {error}"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__} {_place()}: {str(error)[:300]}"
    return ""


def _place() -> str:
    frames = traceback.extract_tb(sys.exc_info()[2])
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"


def main() -> None:
    """Answer until there are no more questions."""
    target = TARGETS[sys.argv[1]]
    answers = sys.stdout
    for line in sys.stdin:
        question = json.loads(line)
        given = question.get("files")
        files = target.make(Random(question["seed"])) if given is None else unpack(given)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            wrong = check(target, files, Path(folder))
        answers.write(json.dumps({"wrong": wrong}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
