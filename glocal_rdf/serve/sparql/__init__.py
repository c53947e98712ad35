"""SPARQL over HTTP: the protocol, the service description, the Graph Store Protocol, and the store that evaluates."""
