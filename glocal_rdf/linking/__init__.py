"""Finds which thing of another dataset a thing of ours is: candidates by index, evidence by feature, and a decision.

1. `names` folds names so that their spellings compare equal, and lists the keys by which they are found.
2. `candidates` joins the keys of our things with those of a snapshot, which is read in batches.
3. `evidence` compares the pairs feature by feature; what one side does not state is unknown, and not different.
4. `decisions` weighs the evidence, and links only where nothing contradicts it and no second candidate is near.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glocal_rdf.lazy import importer

if TYPE_CHECKING:
    from glocal_rdf.linking.decisions import DEFAULT_THRESHOLD as DEFAULT_THRESHOLD
    from glocal_rdf.linking.decisions import decide as decide
    from glocal_rdf.linking.things import Things as Things

__all__ = ["DEFAULT_THRESHOLD", "Things", "decide"]

__getattr__ = importer(__name__, {"DEFAULT_THRESHOLD": "decisions", "Things": "things", "decide": "decisions"})
