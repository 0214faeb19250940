"""Whatever is typed, the page holds nothing that runs, loads or leads elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markup import LinkTarget, render, resolve_links
from knowledge.markup.pipeline import convert
from knowledge.markup.rendered import Labels
from knowledge.markup.sanitise import sanitise
from tests.knowledge.markup.attacks import ATTACKS, FRAGMENTS, faults

sources = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=25).map(
    "".join
)


def test_the_judge_knows_a_fault():
    assert faults("<p onclick=x><script></script><a href='java\nscript:x'>x</a>") == [
        "onclick",
        "script",
        "java\nscript:x",
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_harmless(attack):
    assert faults(render(attack).html) == []


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["- {}\n", "> {}\n", "|a|\n|-|\n|{}|\n", "# {}\n"])
def test_an_attack_inside_a_block_comes_out_harmless(attack, around):
    assert faults(render(around.format(attack)).html) == []


@given(sources)
def test_no_text_comes_out_harmful(source):
    assert faults(convert(source, Labels()).html) == []


@given(sources, st.booleans())
def test_filling_in_links_adds_nothing_harmful(source, found):
    target = LinkTarget('/x-abcdefgh/"><script>', '"><img src=x onerror=alert(1)>')
    titles = convert(source, Labels()).wikilinks
    pages = dict.fromkeys(titles, target) if found else {}
    html = resolve_links(convert(source, Labels()).html, pages.get)
    assert faults(html) == []


@given(sources)
def test_sanitising_again_changes_nothing(source):
    html = convert(source, Labels()).html
    assert sanitise(html) == html
    once = sanitise(source)
    assert sanitise(once) == once


@given(sources)
def test_the_same_source_comes_out_the_same(source):
    assert convert(source, Labels()) == convert(source, Labels())


@given(sources)
def test_anchors_are_unique_and_listed(source):
    rendered = convert(source, Labels())
    anchors = re.findall(r'<h[2-6] id="([^"]*)"', rendered.html)
    assert len(set(anchors)) == len(anchors)
    assert [entry.id for entry in rendered.toc] == anchors


@given(sources)
def test_every_link_by_title_is_reported_and_resolved(source):
    rendered = convert(source, Labels())
    asked = []
    html = resolve_links(rendered.html, asked.append)
    assert sorted(asked) == sorted(rendered.wikilinks)
    assert "data-wikilink" not in re.sub(r">[^<]*<", "><", html)
