"""Reading pictures and recognizing them again, on drawn and real ones."""
