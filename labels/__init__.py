"""The words of the domain: taxonomy, law, schema, and the shipped dataset. Imports nothing of ours."""
