"""Where a pretrained encoder comes from: the hub, a local folder, or the compact one built here."""

COMPACT = "compact"
FLAGSHIP = "airesearch/wangchanberta-base-att-spm-uncased"
