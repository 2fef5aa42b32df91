"""The words of a letter: official wording, quotes, and text that is safe to print."""
