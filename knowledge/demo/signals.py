"""What higher layers (search) hear: `demo_loaded`, inside the transaction that loads."""

from django.dispatch import Signal

demo_loaded = Signal()
