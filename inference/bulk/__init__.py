"""Bulk scoring of listing files of any size: ``ruthan score``."""
