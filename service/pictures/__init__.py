"""Reads the text in the pictures of listings and stores it."""
