"""The operations of `glocal wikidata`, one module for each of its commands."""
