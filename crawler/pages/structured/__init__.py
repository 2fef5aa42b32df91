"""Product data in a page's code: JSON-LD, microdata, OpenGraph, and the state of its scripts."""
