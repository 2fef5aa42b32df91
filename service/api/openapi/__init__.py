"""The OpenAPI document, and what the routes declare for it."""
