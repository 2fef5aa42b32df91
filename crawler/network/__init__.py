"""Which network addresses a crawl may reach, checked at each connection."""
