"""Recognizes a picture that was edited and published again, and whether its words are still in it."""
