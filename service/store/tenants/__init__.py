"""Integrators as tenants: their keys, and what each key may read."""
