"""What the random tests of SHACL-SPARQL share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oracle.compare import KeptProcess

from glocal_rdf.sparql.execution import process


@pytest.fixture(scope="module")
def kept_process() -> Iterator[None]:
    """One process for all cases of a module, since starting one takes longer than a case."""
    with pytest.MonkeyPatch.context() as patch:
        kept = KeptProcess()
        patch.setattr(process, "StoreProcess", lambda: kept)
        yield
        kept.end()
