"""Pictures in the console: downscaled copies from our own store, and the viewer with its boxes."""
