"""Text helpers: Thai calendar and words, official wording, diffs, search words."""
