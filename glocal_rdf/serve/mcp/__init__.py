"""Tools for language models, by the Model Context Protocol: over stdio, and over HTTP.

https://modelcontextprotocol.io/specification/
"""
