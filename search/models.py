"""What waits to be indexed, which index answers, and the documents of PostgreSQL."""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from accounts.models import Organisation, User
from accounts.public_ids import new_public_id
from accounts.validators import no_tricks
from knowledge.pages.models import MAX_TAG_CHARS


class OutboxManager(models.Manager["Outbox"]):
    """Picks out rows by what they still need."""

    def behind(self, engine: str) -> models.QuerySet["Outbox"]:
        """List what an engine has not taken in yet."""
        rows = self.filter(**{f"in_{engine}": False})
        return rows.exclude(kind=Outbox.Kind.GAP)

    def ready(self, engine: str, *, follows: str = "") -> models.QuerySet["Outbox"]:
        """List what an engine can take in: after the one that it follows has it."""
        rows = self.behind(engine)
        return rows.filter(**{f"in_{follows}": True}) if follows else rows

    def gaps(
        self,
        *,
        after: datetime.datetime | None = None,
        until: datetime.datetime | None = None,
    ) -> models.QuerySet["Outbox"]:
        """Find the note that Elasticsearch missed something, perhaps of a time."""
        rows = self.filter(kind=Outbox.Kind.GAP)
        if after:
            rows = rows.filter(created__gt=after)
        return rows.filter(created__lte=until) if until else rows


class Outbox(models.Model):
    """One change that an engine has not taken in yet.

    Written in the transaction of the change. A row says *where* something changed,
    never what: whoever drains it reads the committed state. A `barrier` changes who
    sees something; what it names is left out of Elasticsearch's answers until that
    engine has caught up. A `gap` says that Elasticsearch has missed changes.
    """

    class Kind(models.TextChoices):
        PAGE = "page", _("Page")
        FILE = "file", _("File")
        SUBTREE = "subtree", _("Subtree")
        GAP = "gap", _("Gap")

    kind = models.CharField(max_length=8, choices=Kind)
    object_id = models.BigIntegerField(null=True, blank=True)
    path = models.TextField(blank=True)
    new_path = models.TextField(blank=True)
    barrier = models.BooleanField(default=False)
    in_postgres = models.BooleanField(default=False)
    in_elasticsearch = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = OutboxManager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("change to index")
        verbose_name_plural = _("changes to index")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("page", "file"), object_id__isnull=False)
                | models.Q(kind__in=("subtree", "gap"), object_id=None),
                name="outbox_names_something",
            ),
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind="gap"),
                name="outbox_one_gap",
            ),
        )
        indexes = (
            models.Index(
                fields=("kind", "object_id"),
                condition=models.Q(barrier=True),
                name="outbox_barrier",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id or self.path}"


class IndexStateManager(models.Manager["IndexState"]):
    """Reads what stands for one engine."""

    def believed(self, place: str) -> tuple[str, str]:
        """Give name and number of the index that answers; empty without one."""
        found = self.filter(place=place).values_list("index", "uuid").first()
        return found or ("", "")


class IndexState(models.Model):
    """Which index of an engine is believed, and how far a new one has been built.

    It is in our database since a server may be replaced by an empty or an older one. A
    rebuild that was interrupted (`started` is set) goes on after `last_id`. Every change
    since then went into both indexes, so nothing before that is out of date.
    """

    # The engine's own name for it: of Elasticsearch the alias.
    place = models.CharField(max_length=255, unique=True)
    index = models.CharField(max_length=255, blank=True)
    uuid = models.CharField(max_length=64, blank=True)
    building = models.CharField(max_length=255, blank=True)
    building_uuid = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=4, blank=True)
    last_id = models.BigIntegerField(default=0)
    documents = models.BigIntegerField(default=0)
    started = models.DateTimeField(null=True, blank=True)

    objects = IndexStateManager()

    class Meta:
        verbose_name = _("state of an index")
        verbose_name_plural = _("states of indexes")

    def __str__(self) -> str:
        return f"{self.place}: {self.index}"


class SearchDocument(models.Model):
    """The published text of one page or file, ready for PostgreSQL's full text search.

    Elasticsearch takes it over from here. Owner, project and readers are not here: they
    are joined, so that they are never late.
    """

    class Kind(models.TextChoices):
        PAGE = "page", _("Page")
        FILE = "file", _("File")

    class Type(models.TextChoices):
        ARTICLE = "article", _("Article")
        PROJECT = "project", _("Project")
        FILE = "file", _("File")

    kind = models.CharField(max_length=4, choices=Kind)
    object_id = models.BigIntegerField()
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="search_documents"
    )
    type = models.CharField(max_length=8, choices=Type)
    language = models.CharField(max_length=2)
    title = models.TextField()
    headings = models.TextField(blank=True)
    body = models.TextField()
    tags = ArrayField(models.CharField(max_length=MAX_TAG_CHARS), default=list)
    vector = SearchVectorField()
    # The same words unstemmed and without accents, for beginnings of words.
    plain = SearchVectorField()
    # The public id of who changed it last, and for whom: an answer may depend on it
    # only where the reader may know that organisation.
    author = models.CharField(max_length=16, blank=True)
    author_organisation_id = models.BigIntegerField(null=True, blank=True)
    digest = models.CharField(max_length=64)
    updated = models.DateTimeField()

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "object_id"), name="search_document_once"
            ),
        )
        indexes = (
            GinIndex(fields=("vector",), name="search_document_vector"),
            GinIndex(fields=("plain",), name="search_document_plain"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Word(models.Model):
    """A word that stands in some document, to find what somebody may have meant.

    It names candidates only: shown is what stands in a document the person may view.
    """

    text = models.CharField(primary_key=True, max_length=30)
    folded = models.CharField(max_length=60)
    # The word without accents, and what is left of it without one of its letters.
    keys = ArrayField(models.CharField(max_length=60))

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        indexes = (GinIndex(fields=("keys",), name="search_word_keys"),)

    def __str__(self) -> str:
        return self.text


class ExtractedText(models.Model):
    """The text inside documents with certain bytes, so that none is opened twice.

    It belongs to the bytes, of whomever: hidden files are in it as well. Only the
    indexer reads it, and no page shows whether a text was here already.
    """

    class State(models.TextChoices):
        READ = "read", _("Read")
        ENCRYPTED = "encrypted", _("Encrypted")
        DAMAGED = "damaged", _("Damaged")
        STOPPED = "stopped", _("Takes too much")

    sha256 = models.CharField(max_length=64, unique=True)
    version = models.CharField(max_length=50)
    state = models.CharField(max_length=9, choices=State)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = _("text of a document")
        verbose_name_plural = _("texts of documents")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="read") | models.Q(text=""),
                name="extracted_text_was_read",
            ),
        )

    def __str__(self) -> str:
        return self.sha256


class SavedSearch(models.Model):
    """A question that somebody keeps, perhaps to be told of what is new.

    Its owner's alone. Kept is the address, which is answered anew each time: what was
    found once is nowhere in it.
    """

    class Alert(models.TextChoices):
        NONE = "none", _("No mails")
        DAILY = "daily", _("A mail a day, when something changed")
        WEEKLY = "weekly", _("A mail a week, when something changed")

    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_searches",
    )
    name = models.CharField(_("name"), max_length=120, validators=[no_tricks])
    address = models.TextField(help_text=_("What stands after ? in the address."))
    alert = models.CharField(max_length=6, choices=Alert, default=Alert.NONE)
    created = models.DateTimeField(default=timezone.now, editable=False)
    # Changes up to this moment were told, or came before anybody asked for mails.
    last_checked = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "name"), name="saved_search_name_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("last_checked",),
                condition=~models.Q(alert="none"),
                name="saved_search_alert",
            ),
        )

    def __str__(self) -> str:
        return self.public_id


class RecentSearch(models.Model):
    """A question somebody asked lately. Its owner's alone, and gone after a while."""

    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="recent_searches",
    )
    text = models.CharField(max_length=400)
    asked = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-asked", "-pk")
        verbose_name = _("recent search")
        verbose_name_plural = _("recent searches")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "text"), name="recent_search_once"
            ),
        )

    def __str__(self) -> str:
        return self.public_id


# Of synonyms, and of the words of a promoted result.
FEWEST_FORMS, MOST_FORMS, MOST_WORDS, WORD_CHARS = 2, 10, 8, 60


class Synonym(models.Model):
    """Words that mean the same to the people of one organisation.

    What a company calls things is its own: nobody else's question is widened by it.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="synonyms"
    )
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    words = ArrayField(models.CharField(max_length=WORD_CHARS))
    # The same in small letters without accents, sorted: how they are compared.
    folded = ArrayField(models.CharField(max_length=WORD_CHARS * 2))
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("folded", "pk")
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "folded"), name="synonym_once"
            ),
            models.CheckConstraint(
                condition=models.Q(folded__len__range=(FEWEST_FORMS, MOST_FORMS)),
                name="synonym_has_some_words",
            ),
        )

    def __str__(self) -> str:
        return " = ".join(self.words)


class Promotion(models.Model):
    """A page that an organisation shows its people first, for questions with some words.

    Shown only to who may view the page at that moment: it gives nobody anything.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="promotions"
    )
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    # All of them must be in the question; in small letters without accents, sorted.
    words = ArrayField(models.CharField(max_length=WORD_CHARS))
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="promotions")
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="promotions")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("words", "pk")
        verbose_name = _("promoted result")
        verbose_name_plural = _("promoted results")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "page", "words"), name="promotion_once"
            ),
            models.CheckConstraint(
                condition=models.Q(words__len__range=(1, MOST_WORDS)),
                name="promotion_has_words",
            ),
        )

    def __str__(self) -> str:
        return " ".join(self.words)
