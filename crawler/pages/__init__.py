"""Page objects: parse one page's bytes into a product and links, without network access."""
