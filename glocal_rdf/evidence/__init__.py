"""Evidence: whether claims are supported by the passages that they were read from."""

from glocal_rdf.evidence.support import VERDICTS, Support, Verdict, check_support

__all__ = ["VERDICTS", "Support", "Verdict", "check_support"]
