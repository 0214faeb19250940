"""The start page and lists: projects, organisations, recent changes."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors import principals_of
from knowledge.access.rule import visible_with
from knowledge.access.selectors import known_organisations
from knowledge.pages.addresses import reader
from knowledge.pages.forms import MAX_TITLE, FilterForm, ProjectForm
from knowledge.pages.models import PageFacts, ProjectPage
from knowledge.pages.selectors import (
    cards,
    changes,
    my_cards,
    recent_changes,
    visible_projects,
)
from knowledge.pages.services import create_project

FEED_ON_HOME = 10
FEED_PAGE = 30
PROJECTS_PAGE = 24
# Further back, search and the history of a page are the better way.
FEED_LIMIT = 1000
WHOSE = ("", "mine", "partners")


class Feed(Paginator[PageFacts]):
    """Pages of changes. It counts no further than it goes: who sees much, waits not."""

    object_list: QuerySet[PageFacts]

    @cached_property
    def count(self) -> int:
        """Count the changes that can be reached."""
        return self.object_list.order_by()[:FEED_LIMIT].count()


def _whose(request: HttpRequest) -> str:
    wanted = request.GET.get("whose", "")
    return wanted if wanted in WHOSE else ""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Greet, and show my projects and what changed."""
    user = reader(request)
    mine, count = my_cards(user)
    whose = _whose(request)
    context = {
        "now": timezone.localtime(),
        "cards": mine,
        "project_count": count,
        "whose": whose,
        "changes": changes(user, recent_changes(user, whose)[:FEED_ON_HOME]),
    }
    return render(request, "pages/home.html", context)


@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """List all changes, page by page."""
    user = reader(request)
    whose = _whose(request)
    part = Feed(recent_changes(user, whose), FEED_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"whose": whose, "part": part, "changes": changes(user, part.object_list)}
    return render(request, "pages/recent.html", context)


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """List the projects the reader may view, by name and by owner."""
    user = reader(request)
    asked = FilterForm(request.GET)
    found = visible_projects(user)
    if words := asked.value("q"):
        found = found.filter(title__icontains=words)
    if owner := asked.value("organisation"):
        found = found.filter(access__root__owner__public_id=owner)
    part = Paginator(found, PROJECTS_PAGE).get_page(request.GET.get("page"))
    context = {
        "part": part,
        "cards": cards(user, part.object_list),
        "words": words,
        "owner": owner,
        "organisations": known_organisations(user),
    }
    return render(request, "pages/projects.html", context)


@require_safe
def organisation(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show an organisation the reader may know of, with its projects they may view."""
    user = reader(request)
    shown = get_object_or_404(known_organisations(user), public_id=public_id)
    found = visible_projects(user).filter(access__root__owner=shown)
    part = Paginator(found, PROJECTS_PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": shown,
        "is_own": shown.pk in principals_of(user).organisation_ids,
        "part": part,
        "cards": cards(user, part.object_list),
    }
    return render(request, "pages/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """Found a project."""
    user = reader(request)
    form = ProjectForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            page = create_project(
                owner=data["owner"], text=form.text, by=user, reach=data["reach"]
            )
            return redirect(f"/{page.slug}/")
        except ValidationError as error:
            form.add_error(None, error.messages)
    return render(request, "pages/project_new.html", {"form": form})


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Ask where a new page should stand."""
    user = reader(request)
    words = FilterForm(request.GET).value("q")
    found = visible_with(user, ProjectPage.objects.all(), "create")
    if words:
        found = found.filter(title__icontains=words)
    found = found.select_related("access__root__owner").order_by("title", "pk")
    part = Paginator(found, PROJECTS_PAGE).get_page(request.GET.get("page"))
    title = request.GET.get("title", "")[:MAX_TITLE]
    context = {"part": part, "words": words, "title": title}
    return render(request, "pages/new.html", context)
