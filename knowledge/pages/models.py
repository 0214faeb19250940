"""The kinds of page: home, organisation, project, article."""

import re
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxLengthValidator
from django.db import models
from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision
from wagtail.url_routing import RouteResult

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.public_ids import ALPHABET, LONG, new_long_id, new_public_id
from knowledge.access.models import PageAccess
from knowledge.access.rule import decide, standing
from knowledge.files.models import Attachment
from knowledge.markup import MAX_SOURCE_CHARS
from knowledge.pages.lookup import find_visible

MAX_TAGS, MAX_TAG_CHARS = 20, 40
SLUG = re.compile(rf"^[-_a-z0-9]*-?[{ALPHABET}]{{8}}$")


def new_slug(title: str, public_id: str = "") -> str:
    """Make the address of a new page: readable words and a random id, perhaps a given.

    The id keeps namesakes apart without telling that there are any, and lets the
    address survive renaming and moving.
    """
    words = slugify(title.replace("_", " "))[:60].strip("-")
    return f"{words}-{public_id or new_public_id()}".lstrip("-")


class WikiPage(Page):
    """What all our kinds of page share: flat addresses and the check on each way in."""

    search_auto_update = False
    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True

    def get_url_parts(
        self, request: HttpRequest | None = None
    ) -> tuple[int, str, str] | None:
        """Give `/slug/`: no ancestor's name, so no hidden one can be read in it."""
        parts = super().get_url_parts(request)
        return parts and (parts[0], parts[1], f"/{self.slug}/")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Serve this page only to who may view it. Nothing is below it: addresses are flat."""
        if path_components or not decide(request.user, "view", self):
            raise Http404
        if standing(request.user).superuser:
            viewer = request.user if isinstance(request.user, User) else None
            owner_id = PageAccess.objects.values_list("root__owner_id", flat=True)
            record(
                "operator.view",
                by=viewer,
                organisation=owner_id.filter(page_id=self.pk).first(),
                target=str(self.pk),
            )
        return RouteResult(self)

    def permissions_for_user(self, user: User) -> Any:
        """Answer Wagtail's admin by the access rule."""
        tester = import_string("knowledge.pages.admin_policy.WikiPagePermissionTester")
        return tester(user, self)

    def copy(self, *args: Any, **kwargs: Any) -> Page:
        """Refuse: Wagtail's copy knows nothing of restrictions (ADR 0004)."""
        raise NotImplementedError

    def create_alias(self, *args: Any, **kwargs: Any) -> Page:
        """Refuse: an alias shows a page under another root (ADR 0004)."""
        raise NotImplementedError


class HomePage(WikiPage):
    """The root of all addresses. Finds a page by the id at the end of its slug."""

    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["pages.OrganisationPage"]
    max_count = 1  # type: ignore[assignment] # Wagtail declares it None

    class Meta:
        verbose_name = _("home")

    def get_url_parts(
        self, request: HttpRequest | None = None
    ) -> tuple[int, str, str] | None:
        """Give the root of the site."""
        parts = Page.get_url_parts(self, request)
        return parts and (parts[0], parts[1], "/")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page of an address, in one query, among what the reader may view."""
        if len(path_components) != 1 or not SLUG.match(path_components[0]):
            raise Http404
        page = find_visible(request.user, path_components[0])
        if page is None:
            raise Http404
        return RouteResult(page)


class OrganisationPage(WikiPage):
    """The place of an organisation in the tree. Its address is a view of its own."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="page"
    )

    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]
    subpage_types: ClassVar[list[str]] = ["pages.ProjectPage"]

    class Meta:
        verbose_name = _("organisation page")

    def get_url_parts(
        self, request: HttpRequest | None = None
    ) -> tuple[int, str, str] | None:
        """Give the address of the organisation's overview."""
        parts = Page.get_url_parts(self, request)
        address = f"/organisations/{self.organisation.public_id}/"
        return parts and (parts[0], parts[1], address)


class ContentPage(WikiPage):
    """A page with a text: Markdown, in one language."""

    body = models.TextField(
        _("text"), blank=True, validators=[MaxLengthValidator(MAX_SOURCE_CHARS)]
    )
    language = models.CharField(
        _("language"), max_length=2, choices=settings.CONTENT_LANGUAGES, default="en"
    )

    class Meta:
        abstract = True


class ProjectPage(ContentPage):
    """A project: the unit of sharing. Owner and reach stand in its policy root."""

    summary = models.CharField(_("summary"), max_length=200, blank=True)

    parent_page_types: ClassVar[list[str]] = [
        "pages.OrganisationPage",
        "pages.ProjectPage",
    ]
    subpage_types: ClassVar[list[str]] = ["pages.ArticlePage", "pages.ProjectPage"]

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")


class ArticlePage(ContentPage):
    """A Markdown page in a project, nested freely."""

    parent_page_types: ClassVar[list[str]] = ["pages.ProjectPage", "pages.ArticlePage"]
    subpage_types: ClassVar[list[str]] = ["pages.ArticlePage"]

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")


class RevisionNote(models.Model):
    """What stands beside a revision: the id of its address, and what its author said.

    Wagtail's own key counts the writing of all organisations together, so it is never
    sent out. A revision without a note has no address: it does not exist for readers.
    """

    revision = models.OneToOneField(
        Revision, on_delete=models.CASCADE, primary_key=True, related_name="note"
    )
    public_id = models.CharField(
        max_length=LONG, unique=True, default=new_long_id, editable=False
    )
    text = models.CharField(_("change note"), max_length=200, blank=True)
    published = models.BooleanField(default=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("change note")
        verbose_name_plural = _("change notes")

    def __str__(self) -> str:
        return self.text


class PageFacts(models.Model):
    """What is shown beside a page and would cost a query each: who changed it last.

    Kept apart from the page so that publishing an old revision does not restore it.
    """

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="facts"
    )
    changed_at = models.DateTimeField(db_index=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)
    # As `knowledge.pages.tags` reads them, in the order of whoever set them.
    tags = ArrayField(
        models.CharField(max_length=MAX_TAG_CHARS), default=list, blank=True
    )

    class Meta:
        verbose_name = _("page facts")
        verbose_name_plural = _("page facts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(tags__len__lte=MAX_TAGS),
                name="page_facts_some_tags",
                violation_error_message=_("A page has too many tags."),
            ),
        )
        indexes = (GinIndex(fields=("tags",), name="page_facts_tags"),)

    def __str__(self) -> str:
        return f"{self.page_id} {self.changed_at:%Y-%m-%d}"


class ImportedPage(models.Model):
    """From which file of a folder a page came, so that a second import knows it.

    `sha256` is of what was written, `revision` the one it was written as: while that is
    the latest, nobody edited the page since.
    """

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="imported"
    )
    project = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="imported_pages"
    )
    key = models.TextField(help_text=_("The path in the folder."))
    sha256 = models.CharField(max_length=64)
    revision = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    front_matter = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("imported page")
        verbose_name_plural = _("imported pages")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "key"), name="imported_page_once"
            ),
        )

    def __str__(self) -> str:
        return self.key


class ImportedFile(models.Model):
    """From which file of a folder an attachment of an imported page came."""

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="imported"
    )
    page = models.ForeignKey(
        ImportedPage, on_delete=models.CASCADE, related_name="files"
    )
    key = models.TextField(help_text=_("The path in the folder."))
    sha256 = models.CharField(max_length=64, help_text=_("Of the file in the folder."))

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        constraints = (
            models.UniqueConstraint(fields=("page", "key"), name="imported_file_once"),
        )

    def __str__(self) -> str:
        return self.key
