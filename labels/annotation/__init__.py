"""Tools for annotators."""
