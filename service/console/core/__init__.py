"""Code shared by all pages of the console."""
