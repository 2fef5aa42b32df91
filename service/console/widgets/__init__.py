"""Parts of pages: charts, tables, highlighted text."""
