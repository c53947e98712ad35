"""Execution: queries evaluated by an engine in a process of its own, within bounds."""
