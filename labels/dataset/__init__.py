"""The shipped dataset: loading, checking, splitting, describing it."""
