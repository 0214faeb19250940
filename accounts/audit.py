"""Write the audit log, in the transaction of the act itself."""

from typing import Any

from accounts.acts import ACTS
from accounts.models import AuditEvent, Organisation, User


def record(
    action: str,
    *,
    by: User | None,
    organisation: Organisation | int | None = None,
    other: Organisation | int | None = None,
    target: str = "",
    **details: Any,
) -> AuditEvent:
    """Add an event. Call inside the transaction that does what it records.

    `target` is a public id, `details` are facts about the act. Never put a password, a
    token or a text of an author there: nothing leaves this log again. Raises KeyError
    for an act that is not in `acts.ACTS`.
    """

    def key(value: Organisation | int | None) -> int | None:
        return value.pk if isinstance(value, Organisation) else value

    if action not in ACTS:
        raise KeyError(action)
    return AuditEvent.objects.create(
        actor=by,
        action=action,
        organisation_id=key(organisation),
        other_organisation_id=key(other),
        target=target,
        details=details,
    )
