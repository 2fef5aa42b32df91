"""Dashboard figures, aggregated by the database."""
