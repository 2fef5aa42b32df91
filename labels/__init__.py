"""The domain model: taxonomy, law, schema, and the shipped dataset. Imports no other package."""
