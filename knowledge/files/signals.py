"""What higher layers (search) hear about files. Sent inside the transaction.

`file_changed`: `file_id`, after a file was added, renamed, replaced, deleted, restored.
"""

from django.dispatch import Signal

file_changed = Signal()
