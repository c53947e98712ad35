"""What the engine of a cluster says is reported in one line."""

from __future__ import annotations

import pytest

from glocal_rdf.cluster.session import _read_error
from glocal_rdf.errors import EndpointError, TableError

GRPC = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.UNKNOWN
\tdetails = "Java heap space"
\tdebug_error_string = "UNKNOWN:Java heap space"
>"""
RAISED = """Job aborted.
  File "x.py", line 1, in run
glocal_rdf.errors.TableError: a.csv:2: 'many' is not a number
\tat org.apache.spark"""


@pytest.mark.parametrize(
    ("text", "kind", "reported"),
    [
        (GRPC, EndpointError, "sc://host:1: the cluster could not do it: Java heap space"),
        (RAISED, TableError, "a.csv:2: 'many' is not a number"),
        ("", EndpointError, "sc://host:1: the cluster could not do it: no reason was given"),
    ],
    ids=["no-answer", "our-own-error", "nothing"],
)
def test_the_reason_is_reported_without_the_token(text: str, kind: type[Exception], reported: str) -> None:
    error = _read_error("sc://host:1;token=secret", text)
    assert type(error) is kind
    assert str(error).removeprefix(": ") == reported
