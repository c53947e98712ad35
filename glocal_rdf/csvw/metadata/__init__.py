"""Descriptions of tables: found, read, checked and normalized (Metadata Vocabulary for Tabular Data)."""
