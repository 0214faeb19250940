"""Who may see and do what: the one rule, its rows and its writes.

Everything derives from `rule.root_levels`. This is the only package that imports
guardian. It knows pages only as `wagtailcore.Page`, never their kinds.
"""
