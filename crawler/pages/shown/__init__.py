"""What a page shows beside its running text: labelled rows, the gallery, how many bought and rated."""
