"""The four levels of a grant, in order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """What a reader may do at most. A higher level includes the lower ones."""

    VIEW = 1, _("View")
    COMMENT = 2, _("Comment")
    EDIT = 3, _("Edit")
    MANAGE = 4, _("Manage")

    @property
    def codename(self) -> str:
        """Give the guardian permission that stores this level."""
        return f"{self.name.lower()}_root"

    @property
    def stones(self) -> int:
        """Give the number of filled stones in the interface."""
        return int(self)
