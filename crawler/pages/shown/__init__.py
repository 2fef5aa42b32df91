"""Parts of a page other than its running text: labelled rows, the gallery, sales and ratings."""
