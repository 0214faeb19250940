"""What import-linter and ruff cannot say about who may use what."""

import ast
import re

import pytest

from tests.architecture.sources import (
    PACKAGES,
    ROOT,
    attributes,
    dotted,
    imported_modules,
    name_of,
    python_files,
    templates,
    tree_of,
)

MAX_LINES = 400


def is_view(path):
    """Tell whether this is `views.py`, `views_people.py`, `api.py` or inside `views/`."""
    return path.stem.split("_")[0] in {"views", "api"} or "views" in path.parts


OUR_CODE = python_files(*PACKAGES)
ALL_CODE = [*OUR_CODE, *python_files("tests")]
VIEWS = [path for path in OUR_CODE if is_view(path)]

# Ways to rows that ask nobody: managers by other names, models by name, SQL.
MANAGERS = {"objects", "_default_manager", "_base_manager"}
PAST_EVERYTHING = {
    *(
        "raw",
        "cursor",
        "execute",
        "get_model",
        "get_object_for_this_type",
        "Elasticsearch",
    )
}
# What finds rows for a person; a queryset may be built inside such a call.
THROUGH_THE_RULE = {"visible_to", "visible_with", "get_visible_or_404"}
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


def fetches_past_the_rule(tree):
    """Every `Model.objects`, `get_object_or_404(Model, …)` and the like outside the rule."""
    inside = {
        node
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and dotted(call.func).split(".")[-1] in THROUGH_THE_RULE
        for argument in call.args
        for node in ast.walk(argument)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            if node not in inside:
                yield dotted(node)
        elif isinstance(node, ast.Call):
            yield from past_the_rule(node)


def past_the_rule(call):
    """The name of a call that gives rows without asking for whom."""
    name = dotted(call.func)
    last = name.split(".")[-1]
    if last in PAST_EVERYTHING:
        yield name
    elif last.endswith("_or_404") and "visible" not in last:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        subject = dotted(arguments[0]) if arguments else ""
        if subject.split(".")[-1][:1].isupper():
            yield f"{name}({subject})"


# People and organisations lie below the rule of pages; accounts has its selectors.
PAGE_VIEWS = [path for path in VIEWS if path.relative_to(ROOT).parts[0] != "accounts"]


@pytest.mark.parametrize("path", PAGE_VIEWS, ids=ids(PAGE_VIEWS))
def test_view_fetches_through_the_access_rule(path):
    assert list(fetches_past_the_rule(tree_of(path))) == []


@pytest.mark.parametrize(
    ("line", "fetches"),
    [
        ("ArticlePage.objects.get(pk=1)", ["ArticlePage.objects"]),
        ("Page.objects.all()", ["Page.objects"]),
        ("Page.objects.filter(pk=1).first()", ["Page.objects"]),
        ("models.Page.objects.live()", ["models.Page.objects"]),
        ("page = Revision.objects.get(pk=pk)", ["Revision.objects"]),
        ("list(Attachment.objects.in_bulk(ids).values())", ["Attachment.objects"]),
        ("Page._default_manager.get(pk=1)", ["Page._default_manager"]),
        ("Page._base_manager.all()", ["Page._base_manager"]),
        ("Page.objects.raw(sql)", ["Page.objects", "Page.objects.raw"]),
        ("page.specific_class.objects.get()", ["page.specific_class.objects"]),
        ("get_object_or_404(Page, pk=1)", ["get_object_or_404(Page)"]),
        ("get_object_or_404(models.Page, pk=1)", ["get_object_or_404(models.Page)"]),
        ("get_object_or_404(klass=Page, pk=1)", ["get_object_or_404(Page)"]),
        ("get_list_or_404(Page, live=True)", ["get_list_or_404(Page)"]),
        ("shortcuts.get_object_or_404(Page)", ["shortcuts.get_object_or_404(Page)"]),
        ("get_object_or_404(Page.objects.live(), pk=1)", ["Page.objects"]),
        ("apps.get_model('pages', 'ArticlePage')", ["apps.get_model"]),
        ("kind.get_object_for_this_type(pk=1)", ["kind.get_object_for_this_type"]),
        ("connection.cursor()", ["connection.cursor"]),
        ("cursor.execute('SELECT 1')", ["cursor.execute"]),
        ("Elasticsearch('http://x')", ["Elasticsearch"]),
        (
            "visible_to(user, Page.objects.all()) | Page.objects.live()",
            ["Page.objects"],
        ),
        ("visible_to(user, Page.objects.all())", []),
        ("get_visible_or_404(user, Page.objects.all(), pk=1)", []),
        ("get_object_or_404(known_organisations(user), pk=1)", []),
    ],
)
def test_rule_for_views_notices(line, fetches):
    assert sorted(fetches_past_the_rule(ast.parse(line))) == fetches


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
        # What measures Elasticsearch speaks to it without the engine.
        and not name_of(path).startswith(("search/", "scripts/bench/"))
    }
    assert strangers == set()


def test_nobody_imports_a_view_but_urls_and_views_of_the_same_app():
    """The contract of import-linter names `views` only; this one knows `views_*`."""
    modules = {name_of(p).removesuffix(".py").replace("/", "."): p for p in VIEWS}
    strangers = {
        (name_of(path), module)
        for path in OUR_CODE
        for module in set(imported_modules(path)) & set(modules)
        if not path.stem.startswith("urls")
        and not (is_view(path) and path.parent == modules[module].parent)
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
    # In a letter as plain text nothing is escaped; in HTML everything is.
    assert path.suffix != ".html" or "{% autoescape off" not in source
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
