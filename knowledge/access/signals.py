"""What higher layers may hear about access. Sent inside the transaction of the change.

`access_changed`: `root_id`, and `path` (treebeard path) when the pages below it hang
on another root than before.

`files_counted`: asked with `pages` (access rows); a receiver answers how many files
hang on those pages.
"""

from django.dispatch import Signal

access_changed = Signal()
files_counted = Signal()
