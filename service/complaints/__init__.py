"""Citizens' complaints: intake from a form, the API and files, and exports for other agencies."""
