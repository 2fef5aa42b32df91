"""Import of the official registers: files to a snapshot, and the search service to a file.

Public: :func:`service.registry.importing.import_files`, and ``ruthan registry``. What looks a number up is
:mod:`inference.registry.source`.
"""
