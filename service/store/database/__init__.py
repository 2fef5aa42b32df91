"""The database connection, column types and what every repository is built on."""
