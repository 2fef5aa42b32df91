"""The public page where a seller checks a draft before publishing it."""
