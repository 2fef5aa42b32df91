"""Reading what is written in pictures (extra ``images``): decode, find lines, read them, assess the words."""
