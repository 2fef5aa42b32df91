"""Where a pretrained encoder comes from: the hub, a local folder, or the compact one built here."""

COMPACT = "compact"
FLAGSHIP = "airesearch/wangchanberta-base-att-spm-uncased"
CURRENT = "current"
"""The bundle in use, as a base to go on from."""
