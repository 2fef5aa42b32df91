"""Reading: normalization with a map back to the original text."""
