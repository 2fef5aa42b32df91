"""What platforms use: API keys, repeated requests, webhooks."""
