"""Questions in SPARQL: the bundled queries, those of a project, and their answers."""
