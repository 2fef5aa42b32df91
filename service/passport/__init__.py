"""How the office's notices to platforms held up: the record, its signature, and a brake that rests on it."""
