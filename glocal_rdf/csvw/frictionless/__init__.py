"""Frictionless Table Schema: descriptions of tables in `datapackage.json` and its kin, as CSV on the Web."""
