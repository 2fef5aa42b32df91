"""Pages of letters: the letter about several listings, and shared code."""
