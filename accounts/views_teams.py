"""The teams of an organisation."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import TeamForm, TeamMemberForm
from accounts.lookups import acting, organisation_for
from accounts.models import Organisation, User
from accounts.rights import may_manage_teams, may_read_log
from accounts.selectors import people_in_team, teams_of
from accounts.services import add_to_team, create_team, remove_from_team

PER_PAGE = 50


def teams(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """List the teams; create one."""
    organisation = organisation_for(request, organisation_id)
    may_manage = may_manage_teams(acting(request), organisation)
    if request.method == "POST" and not may_manage:
        raise PermissionDenied
    form = TeamForm(request.POST or None)
    if form.is_valid() and (public_id := _create(request, organisation, form)):
        return redirect("team", organisation_id, public_id)
    context = {
        "organisation": organisation,
        "teams": teams_of(organisation),
        "form": form if may_manage else None,
        "may_read_log": may_read_log(acting(request), organisation),
        "tab": "teams",
    }
    return render(request, "accounts/teams.html", context)


def _create(request: HttpRequest, organisation: Organisation, form: TeamForm) -> str:
    """Create the team; put a refusal at the name. Returns its id, or nothing."""
    try:
        made = create_team(
            organisation=organisation,
            name=form.cleaned_data["name"],
            by=acting(request),
        )
    except ValidationError as error:
        form.add_error("name", error.messages)
        return ""
    return made.public_id


def team(request: HttpRequest, organisation_id: str, team_id: str) -> HttpResponse:
    """List the people of a team; add one."""
    organisation = organisation_for(request, organisation_id)
    found = get_object_or_404(organisation.teams, public_id=team_id)
    may_manage = may_manage_teams(acting(request), organisation)
    if request.method == "POST" and not may_manage:
        raise PermissionDenied
    form = TeamMemberForm(request.POST or None, team=found)
    if form.is_valid():
        person = form.cleaned_data["person"]
        add_to_team(team=found, user=person, by=acting(request))
        messages.success(request, _("Added: %(name)s.") % {"name": person})
        return redirect("team", organisation_id, team_id)
    people = Paginator(people_in_team(found), PER_PAGE)
    context = {
        "organisation": organisation,
        "team": found,
        "page": people.get_page(request.GET.get("page")),
        "form": form if may_manage else None,
    }
    return render(request, "accounts/team.html", context)


@require_POST
def remove(request: HttpRequest, organisation_id: str, team_id: str) -> HttpResponse:
    """Take a person out of a team; adding them again undoes it."""
    organisation = organisation_for(request, organisation_id, may_manage_teams)
    found = get_object_or_404(organisation.teams, public_id=team_id)
    members = User.objects.filter(team_memberships__team=found)
    person = get_object_or_404(members, public_id=request.POST.get("person", ""))
    remove_from_team(team=found, user=person, by=acting(request))
    messages.success(request, _("Removed: %(name)s.") % {"name": person})
    return redirect("team", organisation_id, team_id)
