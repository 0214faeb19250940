"""The search page, and suggestions for the search box."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.engines.base import PAGE_SIZE
from search.forms import SearchForm
from search.presentation import as_json, present
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
        )
    if request.GET.get("format") == "json":
        return JsonResponse(as_json(form, answer))
    return render(request, "search/results.html", {"search": present(form, answer)})


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
