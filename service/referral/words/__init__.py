"""The words of a letter: quotes of the listing, and text that is safe to print."""
