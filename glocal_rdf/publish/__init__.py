"""Publishes a build as a site of static files: pages for people and files for machines.

`site` has what all parts share, `about` the description of the dataset, `addresses` where things have their pages,
`rendering` the templates, and `writer` puts the files in the place of the former site. The parts of a site are modules
of their own; `operations.publish_parts` lists them.
"""

from __future__ import annotations

__all__: list[str] = []
