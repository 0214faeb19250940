"""What higher layers (search) hear about pages. Sent inside the transaction.

`page_changed`: `page_id`, after the published text or title changed.
`subtree_changed`: `path` (treebeard path before the change), after pages were moved,
trashed or restored; `new_path` where they are now, or "" when they are gone.
"""

from django.dispatch import Signal

page_changed = Signal()
subtree_changed = Signal()
