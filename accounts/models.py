"""People, organisations, memberships, teams, invitations and the audit log."""

import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    Group,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id
from accounts.validators import clean_email, no_tricks

SLOTS = [(slot, str(slot)) for slot in range(1, 9)]


def active_on(day: datetime.date, field: str = "ends_on") -> models.Q:
    """Select rows whose last day has not passed; no last day means no end."""
    return models.Q(**{f"{field}__isnull": True}) | models.Q(**{f"{field}__gte": day})


class UserManager(BaseUserManager["User"]):
    """Create people and find them by address, whatever its case."""

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a person. Without password the account cannot sign in by password."""
        user = self.model(email=clean_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Create an operator for installation and emergencies."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail address."""
        return self.get(email=clean_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What the person may see follows from memberships and grants only."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, validators=[no_tricks])
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    language = models.CharField(_("language"), max_length=5, blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: suspended, every door is closed.")
    )
    # Part of what a session is checked against; a new one ends them all.
    session_salt = models.CharField(max_length=8, default=new_public_id, editable=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_lower",
                violation_error_message=_("Addresses are stored in lower case."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Say whether Django's own staff checks let this person pass: operators only."""
        return self.is_superuser

    @property
    def initials(self) -> str:
        """Give the one or two letters for the round face."""
        words = self.name.split() or [self.email]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Bind sessions to the password, as Django does, and to the salt."""
        value = f"{self.password}:{self.session_salt}"
        return salted_hmac(
            "accounts.session", value, secret=secret, algorithm="sha256"
        ).hexdigest()

    def get_full_name(self) -> str:
        """Give the name as shown to others."""
        return self.name

    def get_short_name(self) -> str:
        """Give the first word of the name, for a greeting."""
        return self.name.split()[0] if self.name else self.email


class Organisation(models.Model):
    """A company in the network. The host runs the installation; others are partners."""

    class Kind(models.TextChoices):
        HOST = "host", _("Host")
        PARTNER = "partner", _("Partner")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    name = models.CharField(_("name"), max_length=120, validators=[no_tricks])
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.PARTNER
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE
    )
    initials = models.CharField(_("initials"), max_length=2)
    colour = models.PositiveSmallIntegerField(_("colour"), choices=SLOTS, default=1)
    pattern = models.PositiveSmallIntegerField(_("pattern"), choices=SLOTS, default=1)
    group = models.OneToOneField(
        Group, on_delete=models.PROTECT, related_name="organisation", editable=False
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_unique",
                violation_error_message=_(
                    "An organisation of this name exists already."
                ),
            ),
            models.UniqueConstraint(
                Lower("initials"),
                name="organisation_initials_unique",
                violation_error_message=_("Another organisation has these initials."),
            ),
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind="host"),
                name="organisation_one_host",
                violation_error_message=_("An installation has one host."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_host(self) -> bool:
        """Say whether this organisation runs the installation."""
        return self.kind == self.Kind.HOST


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships in force."""

    def in_force(self) -> "MembershipQuerySet":
        """Keep those whose person, organisation and term are all active today.

        A suspended one is not: its organisation closed its own door for the person.
        """
        return self.filter(
            active_on(timezone.localdate()),
            is_suspended=False,
            user__is_active=True,
            organisation__status=Organisation.Status.ACTIVE,
        )


class Membership(models.Model):
    """A person in an organisation, in a role, perhaps until a day (inclusive).

    A trigger in the database demands a sponsor and an end of every guest (a member of
    a partner).
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        MANAGER = "manager", _("Manager")
        ADMIN = "admin", _("Admin")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    sponsor = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sponsored_memberships",
        verbose_name=_("sponsor"),
    )
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    is_suspended = models.BooleanField(_("suspended"), default=False, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("organisation", "user")
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation"),
                name="membership_once",
                violation_error_message=_("This person is a member already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    @property
    def has_ended(self) -> bool:
        """Say whether the last day has passed."""
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    @property
    def is_open(self) -> bool:
        """Say whether it lets its person in today, if that account is active."""
        shut = self.organisation.status != Organisation.Status.ACTIVE
        return not (shut or self.is_suspended or self.has_ended)


class Team(models.Model):
    """A named set of members of one organisation, to whom a grant can be given."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="teams"
    )
    name = models.CharField(_("name"), max_length=120, validators=[no_tricks])
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    group = models.OneToOneField(
        Group, on_delete=models.PROTECT, related_name="team", editable=False
    )
    members: Any = models.ManyToManyField(
        User, through="TeamMembership", related_name="teams"
    )

    class Meta:
        ordering = ("organisation", "name")
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = (
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                name="team_name_unique",
                violation_error_message=_("A team of this name exists already."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """A person in a team. Counts only while the person belongs to its organisation."""

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="team_memberships"
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="team_memberships"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("team", "user"), name="team_membership_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class Invitation(models.Model):
    """An offer of membership, sent to one address. Only the token's hash is stored."""

    email = models.EmailField(_("e-mail address"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(
        _("role"),
        max_length=10,
        choices=Membership.Role,
        default=Membership.Role.MEMBER,
    )
    membership_ends_on = models.DateField(_("last day"), null=True, blank=True)
    public_id = models.CharField(max_length=8, unique=True, default=new_public_id)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="invitations_sent"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created", "pk")
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="invitation_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="invitation_one_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"

    @property
    def is_open(self) -> bool:
        """Say whether the invitation can still be accepted."""
        return (
            self.accepted_at is None
            and self.withdrawn_at is None
            and self.expires_at > timezone.now()
        )


class AuditEvent(models.Model):
    """One act that changed who may do what. A trigger refuses change and deletion.

    `organisation` is the side that acted or owns the object, `other_organisation` the
    one it concerned. Rows outlive what they name: `target` is text, not a key.
    """

    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    action = models.CharField(max_length=40)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    other_organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="audit_events_other",
    )
    target = models.CharField(max_length=80)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = (models.Index(fields=("target",), name="audit_target"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target}"


class AuditLink(models.Model):
    """An event's place in the chain. A trigger adds it as the event's transaction ends.

    `hash` covers the event and the hash before it, so `number` has no gap and no row
    can change unseen (`accounts.audit_chain`).
    """

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, related_name="link"
    )
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:8]}"
