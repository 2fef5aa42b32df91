"""Makes downscaled JPEG copies of pictures with boxes, so that nobody opens a seller's own file."""
