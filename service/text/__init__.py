"""Text helpers: Thai calendar and words, diffs, search words."""
