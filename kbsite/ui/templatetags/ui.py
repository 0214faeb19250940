"""Tags for what occurs on every screen: icons, organisations, people, levels.

The tags are builtins (settings.TEMPLATES): templates need no `{% load %}`. They take
what they show as duck-typed objects, so that this module imports no model. A tag
shows what it is given: pass only what the reader may know of (docs/design.md).
"""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from django import template
from django.template.defaultfilters import date as date_filter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()


class Organisation(Protocol):
    """What a tile needs. `colour` and `pattern` are slots from 1 to 8."""

    name: str
    initials: str
    colour: int
    pattern: int
    public_id: str


class Person(Protocol):
    """What a face needs."""

    name: str

    @property
    def initials(self) -> str:
        """Give one or two letters."""


class Level(Protocol):
    """What a level needs: its word, and how many of four stones are filled."""

    @property
    def label(self) -> Any:
        """Give the translated word."""

    @property
    def stones(self) -> int:
        """Give 1 (view) to 4 (manage)."""


class Stone(NamedTuple):
    """One stone of the plein, in the units of its 30 by 30 view box."""

    x: float
    y: float
    width: float
    height: float


class PlacedStone(NamedTuple):
    """A stone with its paint: `o1`…`o8` for an organisation, `none` for a gap."""

    paint: str
    stone: Stone


STONES = (
    Stone(0, 0, 20, 9.2),
    Stone(20.8, 0, 9.2, 20),
    Stone(10, 20.8, 20, 9.2),
    Stone(0, 10, 9.2, 20),
)
# A gap is a dashed outline; half a unit inside, so that its line stays in the box.
GAPS = (
    Stone(0.5, 0.5, 19, 8.2),
    Stone(21.3, 0.5, 8.2, 19),
    Stone(10.5, 21.3, 19, 8.2),
    Stone(0.5, 10.5, 8.2, 19),
)
LEVEL_STEPS = 4


@register.inclusion_tag("includes/icon.html")
def icon(name: str) -> dict[str, Any]:
    """Draw an icon of `kbsite/static/icons.svg`; the words stand beside it."""
    return {"name": name}


@register.inclusion_tag("includes/logo.html")
def logo(size: int = 30) -> dict[str, Any]:
    """Draw the mark; `size` in pixels."""
    return {"size": size, "stones": STONES}


@register.inclusion_tag("includes/seam.html")
def seam(*, vertical: bool = False) -> dict[str, Any]:
    """Draw the row of crosses. Only where something crosses a company boundary."""
    return {"vertical": vertical}


@register.inclusion_tag("includes/org_badge.html")
def org_badge(
    organisation: Organisation,
    size: str = "",
    name: bool = True,
    link: bool = False,
    ended: bool = False,
) -> dict[str, Any]:
    """Draw an organisation's tile with its name.

    `size` is "", "s", "l" or "xl". With `name=False` the name is in the title and for
    screen readers only: allowed where it stands in the same row. `link` leads to the
    organisation's page. `ended` greys a tile whose access has ended.
    """
    return {
        "organisation": organisation,
        "size": size,
        "name": name,
        "link": link,
        "ended": ended,
    }


@register.inclusion_tag("includes/person.html")
def person(
    user: Person, organisation: Organisation | None = None, size: str = ""
) -> dict[str, Any]:
    """Draw a person: face, name and, if given, the organisation's tile."""
    return {"user": user, "organisation": organisation, "size": size}


@register.inclusion_tag("includes/level.html")
def level(level: Level) -> dict[str, Any]:
    """Draw a level as four stones, always with its word."""
    steps = [step < level.stones for step in range(LEVEL_STEPS)]
    return {"label": level.label, "steps": steps}


@register.inclusion_tag("includes/plein.html")
def plein(
    organisations: Iterable[Organisation] = (), busy: bool = False
) -> dict[str, Any]:
    """Draw the project glyph: a stone for each organisation, owner first, at most four.

    Pass the organisations the reader may see, never the full list. `busy` turns the
    glyph into the sign of progress.
    """
    paints = [f"o{organisation.colour}" for organisation in organisations][:4]
    if busy and not paints:
        paints = ["on"] * len(STONES)
    paints += ["none"] * (len(STONES) - len(paints))
    placed = [
        PlacedStone(paint, gap if paint == "none" else stone)
        for paint, stone, gap in zip(paints, STONES, GAPS, strict=True)
    ]
    return {"placed": placed, "busy": busy}


@register.inclusion_tag("includes/nav_link.html", takes_context=True)
def nav_link(
    context: template.Context, address: str, words: str, style: str = ""
) -> dict[str, Any]:
    """Link to a main section and mark it when the reader is inside it."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == address if address == "/" else path.startswith(address)
    return {"address": address, "words": words, "style": style, "here": here}


@register.inclusion_tag("includes/field.html")
def field(bound_field: Any, hint: str = "") -> dict[str, Any]:
    """Lay out a form field: label, control, hint and what is wrong with it."""
    return {"field": bound_field, "hint": hint or bound_field.help_text}


@register.inclusion_tag("includes/stamp.html")
def stamp(state: str = "none", words: str = "") -> dict[str, Any]:
    """Say how far a page can be trusted: `state` is "ok", "due" or "none"."""
    default = {"due": _("Check is due"), "none": _("Not verified")}.get(state, "")
    return {"state": state, "words": words or default}


@register.filter(expects_localtime=True)
def day(value: datetime.date | None) -> str:
    """Write a day shortly, as the reader's language does: 24 Nov 2026, 24 nov 2026."""
    return date_filter(value, pgettext("date format", "j M Y"))


@register.filter(expects_localtime=True)
def moment(value: datetime.datetime | None) -> str:
    """Write a day and the time, shortly."""
    return date_filter(value, pgettext("date format", "j M Y, H:i"))
