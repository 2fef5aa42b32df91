"""Pages of second looks and golden cases."""
