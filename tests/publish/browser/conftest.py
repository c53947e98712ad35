"""What the tests in a browser share: a headless Chromium, the sites over HTTP, and visits that must be silent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import Visit, Website, open_context, serve
from playwright.sync_api import Browser, sync_playwright

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Visitor = Callable[..., Visit]


def need(what: str, hint: str) -> None:
    """Skip a test for want of a program; under CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not here: {hint}")
    pytest.skip(f"{what} is not here: {hint}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, that of the system."""
    program = os.environ.get("GLOCAL_CHROMIUM") or next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if not program:
        need("Chromium", "Debian has it as chromium; or name a program in GLOCAL_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def website(site: Path) -> Iterator[Website]:
    """The site of the bundled project, over HTTP."""
    with serve(site) as served:
        yield served


@pytest.fixture(scope="session")
def parks_website(parks: Path) -> Iterator[Website]:
    """The site of the example of a city's spreadsheet, over HTTP."""
    with serve(parks) as served:
        yield served


@pytest.fixture
def visit(browser: Browser, website: Website) -> Iterator[Visitor]:
    """Open a tab on the bundled site, or another; at the end of the test nothing may have been wrong in any of them.

    A test that expects a fault removes it from the lists of the visit.
    """
    visits: list[Visit] = []
    contexts = []

    def opens(on: Website = website, **options: Any) -> Visit:
        contexts.append(open_context(browser, **options))
        visits.append(Visit(contexts[-1].new_page(), on))
        return visits[-1]

    yield opens
    faults = [fault for one in visits for fault in one.find_faults()]
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def vnu() -> tuple[str, ...]:
    """The command of the Nu Html Checker: the file `vnu.jar` that GLOCAL_VNU names, run by Java."""
    jar = os.environ.get("GLOCAL_VNU", "")
    java = shutil.which("java")
    if not java or not Path(jar).is_file():
        need("The Nu Html Checker", "name vnu.jar in GLOCAL_VNU (npm has it as vnu-jar), and install Java")
    # Started for one run, and allowed to ask the loopback host.
    options = ("-Xss2m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    return (str(java), *options, "-Dnu.validator.servlet.allow-forbidden-hosts=true", "-jar", jar)
