"""Write the audit log, in the transaction of the act itself."""

from typing import Any

from django.db import transaction

from accounts.acts import ACTS
from accounts.models import AuditEvent, Organisation, User
from accounts.selectors import Principals, host_organisation, principals_of


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

    `organisation` is whose thing it is, `other` the other one that it concerns: both
    read their half (`knowledge.audit`). Without `other` that is the organisation for
    which `by` acts, when `by` does not belong to the first. `target` is an id,
    `details` are facts about the act. Never put a password, a token or a text of an
    author there: nothing leaves this log again. Raises KeyError for an act that is not
    in `acts.ACTS`.
    """
    if action not in ACTS:
        raise KeyError(action)
    organisation_id, other_id = _key(organisation), _key(other)
    if other_id is None or other_id == organisation_id:
        other_id = _comes_from(by, organisation_id)
    return AuditEvent.objects.create(
        actor=by,
        action=action,
        organisation_id=organisation_id,
        other_organisation_id=other_id,
        target=target,
        details=details,
    )


@transaction.atomic
def record_person(
    action: str, *, person: User, by: User | None, **details: Any
) -> list[AuditEvent]:
    """Add an event about an account: one for each organisation the person belongs to.

    So each reads it, and none reads in it where else the person belongs: least of all
    one that suspended its membership. Who belongs nowhere is the matter of the host.
    """
    organisations: list[int | None] = [
        membership.organisation_id
        for membership in person.memberships.select_related("organisation").order_by(
            "pk"
        )
        if membership.is_open
    ]
    if not organisations and (host := host_organisation()):
        organisations = [host.pk]
    return [
        record(action, by=by, organisation=pk, target=person.public_id, **details)
        for pk in organisations or [None]
    ]


def _key(value: Organisation | int | None) -> int | None:
    return value.pk if isinstance(value, Organisation) else value


def _comes_from(by: User | None, organisation_id: int | None) -> int | None:
    """Give the organisation for which somebody acts on what is another's, else None.

    Of several it is not guessed: the log would tell one of them, and the owner, of
    what was done for another one. Who knows the place gives `other`.
    """
    if by is None or organisation_id is None:
        return None
    kept: Principals | None = getattr(by, "principals", None)
    ids = (kept or principals_of(by)).organisation_ids
    return None if organisation_id in ids or len(ids) > 1 else min(ids, default=None)
