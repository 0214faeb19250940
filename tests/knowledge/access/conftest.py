"""A world, and the sharing panel as a browser without JavaScript sends it."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group

from tests.knowledge.access.stage import Stage


def fields(response) -> dict[str, list[str]]:
    """Read what the sharing form would send if one pressed a button now."""
    html = response.content.decode()
    form = re.search(r'<form id="sharing".*?</form>', html, re.DOTALL)
    assert form, "no sharing form"
    text, found = form.group(), {}
    for tag in re.findall(r"<input[^>]*>", text):
        name = re.search(r'name="([^"]+)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        checkable = kind and kind.group(1) in {"radio", "checkbox"}
        if not name or (checkable and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found.setdefault(name.group(1), []).append(
            unescape(value.group(1)) if value else ("on" if checkable else "")
        )
    for name, options in re.findall(
        r'<select name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = [(chosen or first).group(1)]
    return found


@pytest.fixture
def stage(db) -> Stage:
    stage = Stage()
    stage.teams = []
    for organisation in stage.organisations:
        team = organisation.teams.first()
        stage.teams.append(team or organisation.teams.create(**_team(organisation)))
    return stage


def _team(organisation) -> dict:
    return {"name": "Team", "group": Group.objects.create(name=f"t {organisation}")}
