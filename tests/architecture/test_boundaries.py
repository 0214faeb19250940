"""What import-linter and ruff cannot say about who may use what."""

import ast
import re

import pytest

from tests.architecture.sources import (
    PACKAGES,
    ROOT,
    attributes,
    imported_modules,
    name_of,
    python_files,
    templates,
    tree_of,
)

MAX_LINES = 400
OUR_CODE = python_files(*PACKAGES)
ALL_CODE = [*OUR_CODE, *python_files("tests")]
VIEWS = [path for path in OUR_CODE if {"views", "api"} & {path.stem, *path.parts}]

# A view fetches through the access rule. These reach rows without asking it.
FETCHES_PAST_THE_RULE = re.compile(
    r"(^|\.)(objects\.get|get_object_or_404|get_list_or_404)$|^(\w*Page)\.objects\b"
)
# A style or script in the page would be refused by the content security policy.
INLINE = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "script without src": re.compile(r"<script\b(?![^>]*\ssrc\s*=)", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}
DJANGO_COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.DOTALL)
# Scripts that are data are never run, so the policy lets them be.
DATA_SCRIPT = re.compile(r"<script\b[^>]*\stype\s*=\s*\"application/(ld\+)?json\"")


def ids(paths):
    return [name_of(path) for path in paths]


def test_the_rules_below_have_code_to_judge():
    assert len(OUR_CODE) > 20
    assert VIEWS
    assert templates()


@pytest.mark.parametrize("path", VIEWS, ids=ids(VIEWS))
def test_view_fetches_through_the_access_rule(path):
    found = {name for name in attributes(path) if FETCHES_PAST_THE_RULE.search(name)}
    assert found == set()


@pytest.mark.parametrize("name", ["User.objects.get", "ArticlePage.objects"])
def test_rule_for_views_notices(name):
    assert FETCHES_PAST_THE_RULE.search(name)


def test_only_access_imports_guardian():
    importers = {
        name_of(path)
        for path in ALL_CODE
        if any(module.split(".")[0] == "guardian" for module in imported_modules(path))
    }
    assert importers
    strangers = {
        name
        for name in importers
        if not name.startswith(("knowledge/access/", "tests/knowledge/access/"))
    }
    assert strangers == set()


def test_only_search_imports_elasticsearch():
    strangers = {
        name_of(path)
        for path in OUR_CODE
        if any(
            module.split(".")[0] in {"elasticsearch", "elasticsearch_dsl"}
            for module in imported_modules(path)
        )
        and not name_of(path).startswith("search/")
    }
    assert strangers == set()


def test_only_markup_marks_html_as_safe():
    names = {"mark_safe", "SafeString", "SafeText"}
    strangers = {
        name_of(path)
        for path in OUR_CODE
        if names & {name.split(".")[-1] for name in attributes(path)}
        and not name_of(path).startswith("knowledge/markup/")
    }
    assert strangers == set()


def test_request_knowledge_stays_out_of_services_and_selectors():
    """A service or selector takes a person and values, never a request."""
    layers = [p for p in OUR_CODE if p.stem in {"services", "selectors"}]
    assert layers
    strangers = {
        name_of(path)
        for path in layers
        if any(
            module.startswith(("django.http.HttpRequest", "django.shortcuts"))
            for module in imported_modules(path)
        )
    }
    assert strangers == set()


@pytest.mark.parametrize("path", templates(), ids=ids(templates()))
def test_template_trusts_no_text_and_carries_no_script_or_style(path):
    source = DJANGO_COMMENT.sub("", path.read_text())
    assert "|safe" not in source.replace(" ", "")
    assert "{% autoescape off" not in source
    source = DATA_SCRIPT.sub("", source)
    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


def test_no_file_is_too_long():
    lengths = {name_of(p): len(p.read_text().splitlines()) for p in ALL_CODE}
    assert {n: lines for n, lines in lengths.items() if lines > MAX_LINES} == {}


def test_imports_are_absolute():
    relative = {
        name_of(path)
        for path in ALL_CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert relative == set()


def test_nested_apps_say_what_they_own():
    """The `__init__.py` of each app under knowledge has a paragraph."""
    packages = sorted((ROOT / "knowledge").glob("*/__init__.py"))
    assert packages
    silent = [name_of(p) for p in packages if not ast.get_docstring(tree_of(p))]
    assert silent == []
