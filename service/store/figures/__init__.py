"""The dashboard's figures, aggregated by the database."""
