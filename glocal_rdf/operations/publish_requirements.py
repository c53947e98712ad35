"""Checks what the metadata of a published dataset lack: what catalogues require, and what they recommend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from glocal_rdf.errors import Problem
from glocal_rdf.namespaces import SH, term
from glocal_rdf.publish.catalogue.dcat import describe_in_dcat
from glocal_rdf.publish.catalogue.dcat_us import describe_in_dcat_us
from glocal_rdf.publish.catalogue.model import FOLDER, Catalogue
from glocal_rdf.publish.catalogue.void import describe_in_void
from glocal_rdf.triples import Triples

__all__ = ["Missing", "find_missing", "report_required"]


class Missing(NamedTuple):
    """What the metadata of a project lack, in lines for who writes them.

    Attributes:
        required: What a standard requires, by the name of its shapes; a description without it would be refused.
        recommended: What standards recommend.
    """

    required: Mapping[str, tuple[str, ...]]
    recommended: tuple[str, ...]


def find_missing(catalogue: Catalogue, lang: str) -> Missing:
    """Check the descriptions against what their standards ask, and return what is missing, one line each.

    Args:
        catalogue: What is known of the dataset.
        lang: The language of the lines.
    """
    from glocal_rdf.shacl import validate  # noqa: PLC0415 - only where a site is published

    data_json = json.dumps(describe_in_dcat_us(catalogue)).encode()
    described = {
        "dcat": describe_in_dcat(catalogue),
        "void": describe_in_void(catalogue, f"{FOLDER}/void.ttl"),
        "dcat-us": Triples.parse(data_json, "jsonld"),
    }
    required: dict[str, dict[str, None]] = {name: {} for name in described}
    recommended: dict[str, None] = {}
    for name, graph in described.items():
        for result in validate(graph, _read_shapes(name)).results:
            lines = required[name] if result.severity == term(SH, "Violation") else recommended
            lines[result.message(lang)] = None
    return Missing({name: tuple(lines) for name, lines in required.items()}, tuple(recommended))


def report_required(catalogue: Catalogue, line: str) -> Problem:
    """Return the problem that a catalogue would refuse the description of a dataset.

    Args:
        catalogue: What is known of the dataset.
        line: What is missing, as `find_missing` has it.
    """
    what, _, hint = line.partition(": ")
    return Problem(catalogue.metadata, what, hint if hint.startswith(("add", "leave")) or not hint else f"add {hint}")


@cache
def _read_shapes(name: str) -> Triples:
    text = files("glocal_rdf.publish.catalogue").joinpath("shapes", f"{name}.ttl").read_bytes()
    return Triples.parse(text, "turtle")
