"""Nothing leaves the house by a way that nobody looked at."""

import pkgutil

from django.apps import apps
from django.urls import URLPattern, get_resolver
from procrastinate.contrib.django import app

from tests.oracle.crawl import MISSING
from tests.oracle.surfaces import COMMANDS, JOBS, SURFACES, WAIVED

OWN = ("accounts", "knowledge", "search", "kbsite")


def addresses(resolver, prefix="", space=""):
    for pattern in resolver.url_patterns:
        full = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield full, f"{space}{pattern.name}"
        else:
            name = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern, full, space + name)


def test_every_address_is_registered_or_waived_with_a_reason():
    site = {name for path, name in addresses(get_resolver()) if path[:4] != "cms/"}
    known = {surface.name for surface in SURFACES}
    assert site == known | set(WAIVED)
    assert not known & set(WAIVED)


def test_every_kind_of_argument_has_one_that_was_never_given_out():
    assert {surface.kind for surface in SURFACES} - {""} == set(MISSING)


def test_every_command_of_ours_is_registered():
    found = set()
    for config in apps.get_app_configs():
        if config.name.startswith(OWN):
            path = f"{config.path}/management/commands"
            found |= {name for _, name, _ in pkgutil.iter_modules([path])}
    assert found == set(COMMANDS)


def test_every_job_of_ours_is_registered():
    ours = {name for name in app.tasks if name.startswith(OWN)}
    assert ours == set(JOBS)
