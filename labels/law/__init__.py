"""The law catalogue, and which provision applies by label, class and fact."""
