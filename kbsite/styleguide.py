"""The style guide at /styleguide/: every token and component in all its states.

Development only (kbsite/urls_development.py). It is also the page on which the tests
check contrast, so a new component gets its place here first.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FRONTEND = Path(__file__).resolve().parent / "frontend"
SPRITE = Path(__file__).resolve().parent / "static" / "icons.svg"
TYPE_SIZES = ("mini", "small", "ui", "prose", "h4", "h3", "h2", "h1")


@dataclass(frozen=True, kw_only=True)
class SampleOrganisation:
    """An organisation of the style guide."""

    name: str
    initials: str
    colour: int
    pattern: int
    public_id: str = "sample"

    def get_absolute_url(self) -> str:
        """Lead back to the guide."""
        return "#"


@dataclass(frozen=True, kw_only=True)
class SamplePerson:
    """A person of the style guide."""

    name: str
    initials: str


@dataclass(frozen=True, kw_only=True)
class SampleLevel:
    """A level of the style guide."""

    label: str
    stones: int


ORGANISATIONS = tuple(
    SampleOrganisation(name=name, initials=initials, colour=slot, pattern=slot)
    for slot, (name, initials) in enumerate(
        (
            ("Vaartkade", "VK"),
            ("Noord BV", "NB"),
            ("Meridian", "MD"),
            ("Tessel Lab", "TL"),
            ("Hollebeek", "HK"),
            ("Graafstroom", "GR"),
            ("Südwerk", "SW"),
            ("Boomgaard", "BO"),
        ),
        start=1,
    )
)
MIXED = SampleOrganisation(name="Kadehuis", initials="KH", colour=2, pattern=7)
PEOPLE = (
    SamplePerson(name="Mirthe Oudekerk", initials="MO"),
    SamplePerson(name="Anouk Terpveld", initials="AT"),
    SamplePerson(name="Nadia Farouz", initials="NF"),
)
LEVELS = tuple(
    SampleLevel(label=label, stones=stones)
    for stones, label in enumerate(("View", "Comment", "Edit", "Manage"), start=1)
)


@cache
def colour_tokens() -> tuple[str, ...]:
    """List the colour tokens, in the order of tokens.css."""
    css = (FRONTEND / "css" / "tokens.css").read_text(encoding="utf-8")
    names = re.findall(r"--([\w-]+):\s*light-dark\(#", css)
    return tuple(dict.fromkeys(names))


@cache
def icon_names() -> tuple[str, ...]:
    """List the icons of the sprite."""
    return tuple(re.findall(r'id="i-(\w+)"', SPRITE.read_text(encoding="utf-8")))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show tokens, type and components."""
    context = {
        "colours": colour_tokens(),
        "icons": icon_names(),
        "type_sizes": TYPE_SIZES,
        "organisations": ORGANISATIONS,
        "mixed": MIXED,
        "people": PEOPLE,
        "levels": LEVELS,
    }
    return render(request, "styleguide/index.html", context)
