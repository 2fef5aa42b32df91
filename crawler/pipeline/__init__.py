"""Pipeline from an item to a stored listing."""
