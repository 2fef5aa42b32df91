"""What models and text rules make of written and real texts: their errors, and what more would bring."""
