"""What the clients of the platforms' APIs share: asking, paging, waiting, and being refused."""
