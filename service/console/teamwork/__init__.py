"""Pages on which colleagues discuss cases."""
