"""Shadow runs: assess past cases with another bundle or policy before it is put in use."""
