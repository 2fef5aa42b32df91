"""Webhooks: posting notices to platforms, signed, in order, until they arrive."""
