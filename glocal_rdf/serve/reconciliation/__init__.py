"""The Reconciliation Service API, version 0.2: which thing of the graph is meant by a name and what else is known.

https://reconciliation-api.github.io/specs/0.2/
"""
