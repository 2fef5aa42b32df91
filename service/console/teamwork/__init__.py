"""The pages on which colleagues tell and ask each other about cases."""
