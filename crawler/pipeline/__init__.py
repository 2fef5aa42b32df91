"""From an item to a stored listing."""
