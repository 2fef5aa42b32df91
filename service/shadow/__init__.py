"""Shadow runs: past cases read again with another bundle or policy, before it is put in use."""
