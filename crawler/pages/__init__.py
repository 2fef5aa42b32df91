"""Page objects: from one page's bytes to a product and to links.  Nothing here touches the network."""
