"""Recognizes edited copies of pictures, and checks whether their words are still in them."""
