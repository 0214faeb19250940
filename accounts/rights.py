"""Who may do what to people and organisations. Pages have their own rule.

A partner with an admin of its own rules itself: then nobody of the host can give
roles in it, only sponsor plain members, which its admins see.
"""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Invitation, Membership, Organisation, User
from accounts.selectors import NOBODY, Principals, principals_of

Role = Membership.Role


def _acts_as(user: User) -> Principals:
    """Take what the request worked out, else work it out."""
    found: Principals | None = getattr(user, "principals", None)
    return principals_of(user) if found is None else found


def may_come_in(user: User) -> bool:
    """Say whether a door is open: a membership in force, or an operator's account."""
    return user.is_active and (user.is_superuser or principals_of(user) != NOBODY)


def is_host_admin(user: User) -> bool:
    """Say whether the person administers the installation."""
    principals = _acts_as(user)
    host_id = principals.host_id
    return user.is_superuser or (
        host_id is not None and principals.roles[host_id] == Role.ADMIN
    )


def _role_in(user: User, organisation: Organisation) -> str:
    return _acts_as(user).roles.get(organisation.pk, "")


def _has_admin(organisation: Organisation) -> bool:
    admins = Membership.objects.in_force().filter(role=Role.ADMIN)
    return admins.filter(organisation=organisation).exists()


def leads_people(user: User | AnonymousUser) -> bool:
    """Say whether there is an organisation whose people the person may see."""
    return isinstance(user, User) and (
        user.is_superuser
        or bool(_acts_as(user).ids_with_role(Role.MANAGER, Role.ADMIN))
    )


def may_see_people(user: User, organisation: Organisation) -> bool:
    """Say whether the person may list the members, teams and invitations."""
    role = _role_in(user, organisation)
    return role in (Role.MANAGER, Role.ADMIN) or is_host_admin(user)


def may_manage_people(user: User, organisation: Organisation) -> bool:
    """Say whether the person gives roles and ends memberships.

    Its admins do; as long as a partner has none, admins of the host.
    """
    if user.is_superuser or _role_in(user, organisation) == Role.ADMIN:
        return True
    return is_host_admin(user) and not _has_admin(organisation)


def may_read_log(user: User, organisation: Organisation) -> bool:
    """Say whether the person reads the organisation's half of the audit log.

    Who leads it today does, and nobody of the host for a partner: whom the host may
    help with its people is not whose log the host may read.
    """
    return user.is_superuser or _role_in(user, organisation) in (
        Role.MANAGER,
        Role.ADMIN,
    )


def may_steer_search(user: User, organisation: Organisation) -> bool:
    """Say whether the person keeps the organisation's synonyms and promoted results.

    Who leads it today does, and nobody of the host for a partner: what a company calls
    things, and where it leads its people, is its own.
    """
    return user.is_superuser or _role_in(user, organisation) in (
        Role.MANAGER,
        Role.ADMIN,
    )


def may_export_log(user: User, organisation: Organisation) -> bool:
    """Say whether the person takes the log away as a file, and reads of sign-ins."""
    return user.is_superuser or _role_in(user, organisation) == Role.ADMIN


def may_manage_teams(user: User, organisation: Organisation) -> bool:
    """Say whether the person makes and fills teams: managers and admins do."""
    return _role_in(user, organisation) == Role.MANAGER or may_manage_people(
        user, organisation
    )


def may_change_membership(user: User, membership: Membership) -> bool:
    """Say whether the person may change, suspend or end it. Nobody does their own.

    So the last admin cannot leave an organisation without one by mistake.
    """
    return membership.user_id != user.pk and may_manage_people(
        user, membership.organisation
    )


def may_suspend(user: User, person: User) -> bool:
    """Say whether the person may close or open every door for another: host admins.

    An admin of a partner closes the door of that partner (`may_change_membership`);
    more would depend on, and so tell, where else somebody belongs.
    """
    if person.pk == user.pk or (person.is_superuser and not user.is_superuser):
        return False
    return is_host_admin(user)


def invitable_roles(
    user: User, organisation: Organisation
) -> tuple[Membership.Role, ...]:
    """List the roles into which the person may invite; none means no invitation.

    Managers invite members; employees of the host invite members of partners, whose
    sponsors they become.
    """
    if organisation.status != Organisation.Status.ACTIVE:
        return ()
    if may_manage_people(user, organisation):
        return (Role.MEMBER, Role.MANAGER, Role.ADMIN)
    sponsor = _acts_as(user).is_employee and not organisation.is_host
    if sponsor or _role_in(user, organisation) == Role.MANAGER:
        return (Role.MEMBER,)
    return ()


def can_be_accepted(invitation: Invitation) -> bool:
    """Ask again what was true when it was sent: term, organisation, inviter's rights."""
    inviter = invitation.invited_by
    return (
        invitation.is_open
        and may_come_in(inviter)
        and invitation.role in invitable_roles(inviter, invitation.organisation)
    )


def may_withdraw(user: User, invitation: Invitation) -> bool:
    """Say whether the person may take an invitation back: the inviter and admins."""
    return invitation.invited_by_id == user.pk or may_manage_people(
        user, invitation.organisation
    )


def may_found_organisations(user: User) -> bool:
    """Say whether the person founds partners: admins of the host do."""
    return is_host_admin(user)


def may_set_status(user: User, organisation: Organisation) -> bool:
    """Say whether the person may suspend or reactivate it. The host stays active."""
    return not organisation.is_host and is_host_admin(user)
