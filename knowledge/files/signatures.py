"""Who added a file, as far as a reader may know: the same rule as for pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from wagtail.models import Page

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.models import PageAccess
from knowledge.access.rule import standing
from knowledge.access.selectors import known_organisations
from knowledge.files.models import Attachment


@dataclass(frozen=True)
class Signed:
    """A file in a list, and who added it: both None when the reader may not know."""

    file: Attachment
    person: User | None = None
    organisation: Organisation | None = None


def signed(user: Person, page: Page, files: Iterable[Attachment]) -> list[Signed]:
    """Name who added each file of a page, in two queries for all.

    The page and its files were found for this reader, who knows people of known
    organisations. Members of the owner always know who added files to their pages.
    """
    listed = list(files)
    known = set(known_organisations(user).values_list("pk", flat=True))
    open_to_me = [
        file.organisation_id in known or _is_own(user, file) for file in listed
    ]
    if not all(open_to_me) and _sees_all_names(user, page):
        open_to_me = [True] * len(listed)
    return [
        Signed(file, file.uploaded_by, file.organisation) if is_open else Signed(file)
        for file, is_open in zip(listed, open_to_me, strict=True)
    ]


def _is_own(user: Person, file: Attachment) -> bool:
    return file.uploaded_by_id is not None and file.uploaded_by_id == user.pk


def _sees_all_names(user: Person, page: Page) -> bool:
    own = standing(user)
    if own.superuser:
        return True
    access = PageAccess.objects.filter(page_id=page.pk)
    return access.filter(root__owner_id__in=own.principals.organisation_ids).exists()
