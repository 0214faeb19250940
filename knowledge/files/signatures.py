"""The files of a page with who added each, as far as a reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass

from wagtail.models import Page

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.models import PageAccess
from knowledge.access.selectors import known_ids
from knowledge.access.signatures import sign
from knowledge.files.models import Attachment


@dataclass(frozen=True)
class Signed:
    """A file in a list, and who added it: both None when the reader may not know."""

    file: Attachment
    person: User | None = None
    organisation: Organisation | None = None


def signed(user: Person, page: Page, files: Iterable[Attachment]) -> list[Signed]:
    """Name who added each file of a page that was found for this reader.

    In one query for all, when the page brings its root.
    """
    access: PageAccess = page.access  # type: ignore[attr-defined]
    owner_id, known = access.root.owner_id, known_ids(user)
    found = []
    for file in files:
        by = sign(
            user,
            person=file.uploaded_by,
            organisation=file.organisation,
            owner_id=owner_id,
            known=known,
        )
        found.append(Signed(file, by.person, by.organisation))
    return found
