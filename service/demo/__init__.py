"""The demo: crawl a shop, assess it and open the console."""
