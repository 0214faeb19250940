"""What higher layers may hear about access. Sent inside the transaction of the change.

`access_changed`: `root_id`, and `path` (treebeard path) when the pages below it hang
on another root than before.
"""

from django.dispatch import Signal

access_changed = Signal()
