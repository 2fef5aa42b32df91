"""Import of the official registers: files to a snapshot, and the search service to a file.

Public: :func:`service.registry.importing.import_files`, and ``ruthan registry``. Numbers are looked up by
:mod:`inference.registry.source`.
"""
