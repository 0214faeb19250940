"""An answer, ready for the template or as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from search.engines.base import SORTS
from search.facets import FacetValue
from search.forms import SearchForm
from search.selectors import Answer
from search.showing import Found, Piece
from search.steering import Promoted

# Pages named on either side of the current one.
NEAR = 2
SHOWN_VALUES = 15


@dataclass(frozen=True)
class Chip:
    """One choice, and the address of the search without it."""

    value: FacetValue
    address: str


@dataclass(frozen=True)
class Tab:
    """One kind of result."""

    label: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True)
class PageLink:
    """One page of results; a gap has no address."""

    number: int
    address: str = ""
    current: bool = False


@dataclass(frozen=True)
class Facet:
    """A set of check boxes."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    single: bool = False


@dataclass(frozen=True)
class Order:
    """One order of the results."""

    name: str
    label: str
    current: bool


@dataclass(frozen=True)
class SearchPage:
    """Everything the template shows."""

    form: SearchForm
    answer: Answer | None = None
    notes: tuple[str, ...] = ()
    tabs: list[Tab] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    page_links: list[PageLink] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    better: str = ""
    clear: str = ""
    previous: str = ""
    following: str = ""


def present(form: SearchForm, answer: Answer | None) -> SearchPage:
    """Lay out an answer. None: nothing was asked yet."""
    if answer is None:
        return SearchPage(form, notes=form.query.notes)
    labels = {
        "partner": _("Partner"),
        "organisation": _("Organisation"),
        "project": _("Project"),
        "language": _("Language"),
        "tag": _("Tag"),
        "author": _("Changed by"),
        "updated": _("Changed"),
    }
    return SearchPage(
        form=form,
        answer=answer,
        notes=answer.notes,
        tabs=list(_tabs(form, answer)),
        facets=[
            Facet(name, label, answer.facets[name][:SHOWN_VALUES], name == "updated")
            for name, label in labels.items()
            if answer.facets.get(name)
        ],
        chips=list(_chips(form, answer)),
        page_links=list(_page_links(form, answer)),
        orders=[
            Order(name, label, name == form.sort) for name, label in _order_labels()
        ],
        better=form.address(text=answer.better) if answer.better else "",
        clear=form.cleared(),
        previous=_page_address(form, answer.page - 1) if answer.page > 1 else "",
        following=(
            _page_address(form, answer.page + 1) if answer.page < answer.pages else ""
        ),
    )


def _order_labels() -> list[tuple[str, str]]:
    labels = (_("Best match"), _("Last changed"), _("Title"))
    return list(zip(SORTS, labels, strict=True))


def _tabs(form: SearchForm, answer: Answer) -> Iterator[Tab]:
    chosen = form.choices.type
    values = answer.facets["type"]
    everything = sum(value.count for value in values)
    of_people = form.of_people
    first = not chosen and not of_people
    yield Tab(_("All"), everything, form.address({"type": ()}), first)
    names = {
        "article": _("Pages"),
        "file": _("Files"),
        "project": _("Projects"),
    }
    counts = {value.value: value.count for value in values}
    tabs = [
        Tab(
            name,
            counts.get(kind, 0),
            form.address({"type": (kind,)}),
            kind in chosen and not of_people,
        )
        for kind, name in names.items()
    ]
    address = form.address({"type": ()}, people=True)
    tabs.insert(2, Tab(_("People"), answer.people_total, address, of_people))
    yield from tabs


def _chips(form: SearchForm, answer: Answer) -> Iterator[Chip]:
    if answer.scope:
        inside = FacetValue(
            value=answer.scope.public_id,
            count=answer.total,
            chosen=True,
            label=answer.scope.name,
            organisation=answer.scope,
        )
        yield Chip(inside, form.address({"scope": (), "partner": ()}))
    for name, values in answer.facets.items():
        for value in values:
            if value.chosen:
                yield Chip(value, form.without(name, value.value))


def _page_address(form: SearchForm, number: int) -> str:
    return form.address(page=number, people=form.of_people)


def _page_links(form: SearchForm, answer: Answer) -> Iterator[PageLink]:
    last = 0
    for number in range(1, answer.pages + 1):
        if number in (1, answer.pages) or abs(number - answer.page) <= NEAR:
            if number > last + 1:
                yield PageLink(0)
            last = number
            yield PageLink(number, _page_address(form, number), number == answer.page)


def as_json(form: SearchForm, answer: Answer | None) -> dict[str, Any]:
    """Give an answer as plain data; texts are encoded for HTML in `highlight` only."""
    if answer is None:
        return {
            "query": "",
            "total": 0,
            "page": 1,
            "pages": 0,
            "engine": "",
            "hits": [],
            "people_total": 0,
            "people": [],
            "promoted": [],
            "also_searched": [],
            "facets": {},
            "notes": list(form.query.notes),
            "sort": form.sort,
            "scope": None,
            "did_you_mean": None,
            "searched_instead": False,
            "reduced": False,
        }
    return {
        "query": answer.query.text,
        "total": answer.total,
        "page": answer.page,
        "pages": answer.pages,
        "engine": answer.engine,
        "reduced": answer.reduced,
        "notes": list(answer.notes),
        "sort": answer.sort,
        "scope": answer.scope.name if answer.scope else None,
        "did_you_mean": answer.better or None,
        "searched_instead": answer.is_better,
        "hits": [_hit(hit, answer.query.has_terms) for hit in answer.hits],
        "people_total": answer.people_total,
        "people": [
            {
                "name": found.person.name,
                "organisations": [one.name for one in found.organisations],
            }
            for found in answer.people
        ],
        "promoted": [_promoted(one) for one in answer.promoted],
        "also_searched": list(answer.also),
        "facets": {
            name: [
                {
                    "value": v.value,
                    "label": v.label,
                    "count": v.count,
                    "chosen": v.chosen,
                }
                for v in values
            ]
            for name, values in answer.facets.items()
        },
    }


def _promoted(one: Promoted) -> dict[str, Any]:
    return {
        "title": one.page.title,
        "url": one.page.url,
        "organisation": one.owner.name,
        "promoted_by": one.organisation.name,
        "note": one.note,
    }


def _hit(hit: Found, by_words: bool) -> dict[str, Any]:
    return {
        "title": "".join(piece.text for piece in hit.title),
        "url": hit.url,
        "organisation": hit.organisation.name,
        "project": hit.project.title if hit.project else None,
        "path": [place.title for place in hit.path],
        "type": hit.type,
        "language": hit.language,
        "updated": hit.updated.isoformat() if hit.updated else None,
        "matched_in": hit.matched_in if by_words and hit.type == "file" else None,
        "highlight": {"title": _marked(hit.title), "text": _marked(hit.snippet)},
    }


def _marked(pieces: tuple[Piece, ...]) -> str:
    """Encode a text for HTML and wrap what matched in <mark>."""
    parts = (
        f"<mark>{escape(piece.text)}</mark>"
        if piece.marked
        else str(escape(piece.text))
        for piece in pieces
    )
    return "".join(parts)
