"""Assesses listings: text normalization, licence numbers, contacts, the model and the policy."""
