"""API keys, idempotent requests and webhooks, as used by platforms."""
