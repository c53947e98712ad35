"""Literals kept as they are written, through an engine that rewrites them."""
