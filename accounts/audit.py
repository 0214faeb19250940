"""Write the audit log, in the transaction of the act itself."""

from typing import Any

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
    """Add an event. Call inside the transaction that does what it records."""

    def key(value: Organisation | int | None) -> int | None:
        return value.pk if isinstance(value, Organisation) else value

    return AuditEvent.objects.create(
        actor=by,
        action=action,
        organisation_id=key(organisation),
        other_organisation_id=key(other),
        target=target,
        details=details,
    )
