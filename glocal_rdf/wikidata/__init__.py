"""Wikidata and other Wikibases: asking them as their operators wish, reading and comparing what they state, batches."""
