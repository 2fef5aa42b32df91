"""Reads text in pictures (extra ``images``): decode, find lines, recognize them, assess the words."""
