"""Answers requests over HTTP: a package for each kind of answer, on the data of a build or of a SPARQL source."""
