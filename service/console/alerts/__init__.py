"""Pages of public warnings."""
