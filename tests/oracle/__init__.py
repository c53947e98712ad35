"""A second opinion on SHACL-SPARQL: slow, plain, and built on nothing that the engine uses."""
