"""Recognizes pictures that were edited and published again, and checks whether their words are still in
them."""
