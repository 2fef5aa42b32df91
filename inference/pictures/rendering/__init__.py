"""Makes bounded JPEG copies of pictures, with boxes drawn in: nobody opens a seller's own file."""
