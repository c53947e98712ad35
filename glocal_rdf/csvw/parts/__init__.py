"""Converts tables in parts, each by itself and anywhere, with the result of a conversion as a whole."""
