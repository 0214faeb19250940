"""People, organisations and how they belong together; sign-in and the audit log.

The lowest layer: it knows nothing of pages, grants or search.
"""
