"""The search page, and suggestions for the search box."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import leads_people
from search.engines.base import PAGE_SIZE, SORTS
from search.forms import SearchForm
from search.keeping import recent_of, saved_of
from search.presentation import as_json, present
from search.saving import note_recent
from search.selectors import find
from search.suggesting import suggest


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show what the person finds, as a page or with `format=json` as data."""
    form = SearchForm.of(request.GET)
    answer = None
    if form.query:
        answer = find(
            request.user,
            form.query,
            form.choices,
            sort=form.sort,
            page=form.page,
            size=PAGE_SIZE,
            of_people=form.of_people,
            within=form.within,
        )
    if request.GET.get("format") == "json":
        return JsonResponse(as_json(form, answer))
    context = {"search": present(form, answer)} | _own(request, form)
    response = render(request, "search/results.html", context)
    if isinstance(request.user, User) and _is_submitted(request, form):
        note_recent(by=request.user, text=form.query.text)
    return response


def _own(request: HttpRequest, form: SearchForm) -> dict[str, object]:
    """Give what stands beside a search: before it, what the person keeps."""
    user = request.user
    if not isinstance(user, User):
        return {}
    if form.query:
        return {"may_export": leads_people(user)}
    return {"saved": saved_of(user), "recent": recent_of(user)}


def _is_submitted(request: HttpRequest, form: SearchForm) -> bool:
    """Say whether the person typed this and sent it off.

    Not a choice, an order or a further page of an earlier question, and nothing that a
    browser fetched in case it might be wanted.
    """
    fetched = "prefetch" in request.headers.get("Sec-Purpose", "")
    narrowed = form.choices.items() or form.sort != SORTS[0] or "page" in request.GET
    return request.method == "GET" and not (fetched or narrowed or not form.query)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """List pages whose title begins with what is being typed."""
    text = request.GET.get("q", "")
    places = suggest(request.user, text)
    if request.GET.get("format") == "json":
        data = [{"title": place.title, "url": place.url} for place in places]
        return JsonResponse({"suggestions": data})
    context = {"places": places, "text": text}
    return render(request, "search/suggestions.html", context)
