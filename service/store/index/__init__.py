"""Finding listings: filters, full-text search, orders and pages."""
