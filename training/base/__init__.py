"""Where a pretrained encoder comes from: the hub, a local folder, or the compact one built here."""
