"""What colleagues tell and ask each other about cases."""
