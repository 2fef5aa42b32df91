"""Prepares HTML for the parser, so that its tree is like a browser's."""
