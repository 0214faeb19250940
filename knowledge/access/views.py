"""Screens about sharing: who sees a page and why, restrictions, partners."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.selectors import Person
from knowledge.access.changes import Change, ChangeSet, StaleStateError
from knowledge.access.forms import PersonForm
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.panel import Panel, after_conflict, new_restriction
from knowledge.access.partners import partners_of
from knowledge.access.preview import (
    count_content,
    count_known,
    current_readers,
    pages_of,
)
from knowledge.access.reasons import explain
from knowledge.access.rule import allowed_actions, require, standing, visible_to
from knowledge.access.selectors import Place, audience, find_place
from knowledge.access.services import lift_restriction, may_share
from knowledge.access.subjects import find_person


def _user(request: HttpRequest) -> User:
    """Give the signed-in person; the door let nobody else in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, address: str) -> HttpResponse:
    """Show who sees a page and why; change it when it is decided here."""
    user = _user(request)
    place = find_place(user, address)
    if not (place.is_root and may_share(user, place.root)):
        return _overview(request, place)
    data = request.POST if request.method == "POST" else None
    panel = Panel(user=user, page=place.page, root=place.root, data=data)
    return _answer(request, panel, place)


@require_http_methods(["GET", "HEAD", "POST"])
def restrict(request: HttpRequest, address: str) -> HttpResponse:
    """Narrow a page, with everything below it, to who is named."""
    user = _user(request)
    place = find_place(user, address)
    require(user, "restrict", place.page)
    if place.is_root:
        return redirect("page_access", address)
    root = new_restriction(place.page, place.root)
    data = request.POST if request.method == "POST" else None
    # Who restricts a page begins with being named in it.
    first = ChangeSet((Change(user, Level.MANAGE),)) if data is None else None
    panel = Panel(user=user, page=place.page, root=root, data=data, pending=first)
    return _answer(request, panel, place)


@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, address: str) -> HttpResponse:
    """Open a restricted page again, after showing who will see it then."""
    user = _user(request)
    place = find_place(user, address)
    root, parent = place.root, place.root.parent
    if not place.is_root or parent is None or not may_share(user, root):
        raise Http404
    if request.method == "POST":
        try:
            count = lift_restriction(root=root, by=user)
            text = ngettext("Opened %(count)d page.", "Opened %(count)d pages.", count)
            messages.success(request, text % {"count": count})
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        return redirect("page_access", address)
    gained = count_known(user, current_readers(parent) - current_readers(root))
    content = count_content(pages_of(root))
    context = {"place": place, "gained": gained, "content": content}
    return render(request, "access/lift.html", context)


@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """List the partners an employee knows. For guests there is no such page."""
    if not standing(request.user).knows_all:
        raise Http404
    return render(
        request, "access/partners.html", {"overview": partners_of(request.user)}
    )


def _overview(request: HttpRequest, place: Place) -> HttpResponse:
    """Show the audience by organisation and the reader's own reasons, no names."""
    if not place.may_read:
        raise Http404
    user = _user(request)
    at_root = visible_to(
        user, PolicyRoot.objects.filter(pk=place.root.pk), through="page__"
    )
    context = {
        "place": place,
        "audience": audience(user, place.root),
        "reasons": explain(user, place.root),
        "level": _level(user, place.root),
        "root_page": place.root.page if at_root.exists() else None,
        "may_share": may_share(user, place.root),
        "may_restrict": "restrict" in allowed_actions(user, place.root.pk),
    }
    return render(request, "access/overview.html", context)


def _level(user: Person, root: PolicyRoot) -> Level | None:
    level = standing(user).levels.get(root.pk)
    return Level(level) if level else None


def _answer(request: HttpRequest, panel: Panel, place: Place) -> HttpResponse:
    """Save what was asked for, or show the panel with what waits for Save."""
    if panel.is_stale:
        return _conflict(request, panel, place)
    if request.POST.get("do") != "save" or not (panel.is_valid and panel.pending):
        return _show(request, panel, place, status=200 if panel.is_valid else 422)
    try:
        count = panel.save()
    except StaleStateError:
        return _conflict(request, panel, place)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return _show(request, panel, place, status=422)
    text = ngettext("Saved %(count)d change.", "Saved %(count)d changes.", count)
    messages.success(request, text % {"count": count})
    return redirect("page_access", place.page.slug)


def _conflict(request: HttpRequest, panel: Panel, place: Place) -> HttpResponse:
    """Refuse on a state that is not the one shown; keep what was asked for."""
    text = _(
        "Somebody else changed who sees this meanwhile. Nothing was saved. Below is the "
        "new state, with your changes still waiting: check them and save again."
    )
    messages.warning(request, text)
    return _show(request, after_conflict(panel), place, status=409)


def _show(
    request: HttpRequest, panel: Panel, place: Place, *, status: int
) -> HttpResponse:
    context = {"panel": panel, "place": place} | _checked(request, panel)
    return render(request, "access/panel.html", context, status=status)


def _checked(request: HttpRequest, panel: Panel) -> dict[str, Any]:
    """Answer "what may this person do here, and why" for who manages the root."""
    form = PersonForm(request.GET if "person" in request.GET else None)
    if panel.is_new or not form.is_bound or not form.is_valid():
        return {"person_form": form}
    try:
        found = find_person(panel.user, form.cleaned_data["person"])
    except ValidationError as error:
        form.add_error("person", error)
        return {"person_form": form}
    level = _level(found, panel.root)
    reasons = explain(found, panel.root, reader=panel.user)
    return {"person_form": form, "checked": found, "level": level, "reasons": reasons}
