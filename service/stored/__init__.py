"""Stored pages made fit to be looked at: the right letters, and nothing that runs or asks for anything."""
