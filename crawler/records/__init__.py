"""From the records of platforms' APIs and files to items.  Nothing here touches the network."""
