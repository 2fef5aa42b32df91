"""The quick search: one field for addresses, numbers, contacts, sellers and words."""
