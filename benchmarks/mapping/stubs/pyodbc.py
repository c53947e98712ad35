"""Stands in for the ODBC driver that SDM-RDFizer imports at start and does not need for files."""
