"""Finding listings: filters, full-text search, sort orders and pages."""
