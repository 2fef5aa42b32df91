"""Webhooks: deliver signed notices to platforms, in order, with retries."""
