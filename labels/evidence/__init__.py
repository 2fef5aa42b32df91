"""Reads evidence: records of WARC files, their contents, and the text of pages.

Imports no other package of the project.
"""
