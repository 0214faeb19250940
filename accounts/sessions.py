"""How long a sign-in lasts, and what one sees and ends of one's own.

django-allauth keeps the list (`UserSession`), for Django's sessions do not say whose
they are. A session's key opens it, so lists and forms name a session by a hash of it.
"""

import datetime
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.audit import record
from accounts.models import User
from accounts.selectors import principals_of

STARTED, SEEN = "started", "seen"
# How exactly it is known when somebody was last here; each time is a write.
SEEN_EVERY = 300
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrom": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class OwnSession:
    """One sign-in of a person, as that person sees it."""

    public_id: str
    device: str
    address: str
    started: datetime.datetime
    seen: datetime.datetime
    is_this: bool


def begin(
    *, session: SessionBase, user: User, address: str = "", browser: str = ""
) -> None:
    """Note a new sign-in: when, and from where if that is known."""
    now = timezone.now()
    session[STARTED] = session[SEEN] = int(now.timestamp())
    if not session.session_key:
        session.save()
    if address:
        UserSession.objects.update_or_create(
            session_key=session.session_key,
            defaults={
                "user": user,
                "ip": address,
                "user_agent": browser[:200],
                "created_at": now,
                "last_seen_at": now,
            },
        )


def is_over(session: SessionBase, user: User) -> bool:
    """Say whether a sign-in has lasted too long, or lain unused for too long.

    One that does not say when it began is over.
    """
    now = timezone.now().timestamp()
    idle: float = now - session.get(SEEN, 0)
    age: float = now - session.get(STARTED, 0)
    longest_idle: int = settings.SESSION_IDLE_SECONDS
    return idle > longest_idle or age > _longest(user)


def _longest(user: User) -> int:
    """Give the seconds a sign-in may last: long for employees, a day for all others."""
    principals = getattr(user, "principals", None) or principals_of(user)
    is_long = principals.is_employee and not user.is_superuser
    longest: int = (
        settings.SESSION_COOKIE_AGE if is_long else settings.SESSION_GUEST_SECONDS
    )
    return longest


def touch(session: SessionBase) -> None:
    """Note that somebody is here, now and then."""
    now = timezone.now()
    if now.timestamp() - session.get(SEEN, 0) >= SEEN_EVERY:
        session[SEEN] = int(now.timestamp())
        UserSession.objects.filter(session_key=session.session_key).update(
            last_seen_at=now
        )


def forget(*, session_key: str | None) -> None:
    """Take a sign-in that has ended off the list."""
    UserSession.objects.filter(session_key=session_key).delete()


def sessions_of(user: User, *, this: str | None) -> list[OwnSession]:
    """List a person's sign-ins that still open the site, `this` one first."""
    found = [
        OwnSession(
            public_id=_public_id(row.session_key),
            device=device_of(row.user_agent),
            address=row.ip,
            started=row.created_at,
            seen=row.last_seen_at,
            is_this=row.session_key == this,
        )
        for row in UserSession.objects.filter(user=user).order_by("-last_seen_at")
        if _opens(row.session_key, user)
    ]
    return sorted(found, key=lambda session: not session.is_this)


def _store(key: str | None = None) -> SessionBase:
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return store


def _opens(key: str, user: User) -> bool:
    """Say whether a session is alive: neither ended, over, nor of an old password."""
    session = _store(key)
    return session.get("_auth_user_hash") == user.get_session_auth_hash() and (
        not is_over(session, user)
    )


def end_sessions(*, user: User, keep: str | None, by: User, which: str = "") -> int:
    """End the sign-in of this public id, or all but `keep`. Returns how many."""
    ended = 0
    for row in UserSession.objects.filter(user=user).exclude(session_key=keep):
        if which in ("", _public_id(row.session_key)):
            row.end()
            ended += 1
    if ended:
        record("session.end", by=by, target=user.public_id, elsewhere=ended)
    return ended


def forget_old_sessions() -> None:
    """Remove what can open nothing any more, with the addresses that it holds."""
    store: Any = type(_store())
    store.clear_expired()
    longest = datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    UserSession.objects.filter(created_at__lt=timezone.now() - longest).delete()


def _public_id(session_key: str) -> str:
    return salted_hmac("accounts.session-id", session_key).hexdigest()[:16]


def device_of(browser: str) -> str:
    """Name browser and system of a user agent, as far as a glance tells."""
    names = (
        next((name for sign, name in signs.items() if sign in browser), "")
        for signs in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in names if name)
