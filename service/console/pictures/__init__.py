"""Pictures of a listing in the console: bounded copies from our own store, and the viewer with its boxes."""
