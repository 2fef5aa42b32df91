"""Sellers: the listings that share a contact, and everything that happened about them."""
