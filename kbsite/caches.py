"""The cache of a process, except for what all processes must count together."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

# The counters of django-allauth, which knows no other cache than the default one.
SHARED_PREFIX = "allauth:rl:"


class SharedLimitsCache(LocMemCache):
    """Memory, with the rate limits of sign-in in the database.

    Rendered pages and Wagtail's odds and ends belong in memory: a query for each would
    cost more than it saves. A limit counted in each process would be as many limits.
    """

    def get(
        self, key: str, default: Any = None, version: int | None = None
    ) -> Any | None:
        """Read where the key belongs."""
        if key.startswith(SHARED_PREFIX):
            return caches["shared"].get(key, default, version)
        return super().get(key, default, version)

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        """Write where the key belongs."""
        if key.startswith(SHARED_PREFIX):
            caches["shared"].set(key, value, *args, **kwargs)
        else:
            super().set(key, value, *args, **kwargs)

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        """Write what is not there yet, where the key belongs."""
        if key.startswith(SHARED_PREFIX):
            return caches["shared"].add(key, value, *args, **kwargs)
        return super().add(key, value, *args, **kwargs)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove where the key belongs."""
        if key.startswith(SHARED_PREFIX):
            return caches["shared"].delete(key, version)
        return super().delete(key, version)
