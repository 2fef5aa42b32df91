"""Sources of a pretrained encoder: the hub, a local folder, or the compact one built here."""

COMPACT = "compact"
FLAGSHIP = "airesearch/wangchanberta-base-att-spm-uncased"
CURRENT = "current"
"""The active bundle as a base to continue from."""
SHIPPED = "shipped"
"""The compact bundle that ships with the project, as a base to distil."""
