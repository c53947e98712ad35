"""Mappings to other datasets as tables (SSSOM): read into triples, written as proposals, reviewed by people."""

from __future__ import annotations

from glocal_rdf.sssom.links import list_link_rows, list_proposals, read_links

__all__ = ["list_link_rows", "list_proposals", "read_links"]
