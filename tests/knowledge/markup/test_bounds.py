"""No text can hold up or break the site."""

import signal
import threading

import psutil
import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markup import (
    MAX_SOURCE_CHARS,
    SourceTooLong,
    render,
    rendering,
    resolve_links,
)
from knowledge.markup.pool import NoAnswer, WorkerPool
from knowledge.markup.worker import answer

# Takes minutes: each bracket makes the parser look at all that follow.
ENDLESS = "[" * 60_000
LABELS = {"table": "Table {}"}


@pytest.fixture
def pool():
    pool = WorkerPool()
    yield pool
    pool.close()


@pytest.fixture
def patience(monkeypatch):
    """For a machine that has other work to do."""
    monkeypatch.setattr(rendering, "BASE_SECONDS", 60)


@pytest.fixture
def no_patience(monkeypatch):
    monkeypatch.setattr(rendering, "BASE_SECONDS", 0.2)


def test_a_longer_source_is_refused():
    with pytest.raises(SourceTooLong):
        render("a" * (MAX_SOURCE_CHARS + 1))


def test_the_longest_source_is_rendered(patience):
    line = "Some *words* with a [link](/go/abcd2345) and `code`.\n\n"
    source = line * (MAX_SOURCE_CHARS // len(line))
    assert not render(source).degraded


def test_what_takes_too_long_is_shown_as_typed(no_patience):
    source = f"<b> & {ENDLESS}"
    rendered = render(source)
    assert rendered.degraded
    assert rendered.html == (f'<pre tabindex="0">&lt;b&gt; &amp; {ENDLESS}</pre>')
    assert rendered.text == source
    assert resolve_links(rendered.html, {}.get) == rendered.html


def test_the_next_page_is_rendered_again(no_patience):
    assert render(f"{ENDLESS} ").degraded
    assert render("*next*").html == "<p><em>next</em></p>"


@pytest.mark.parametrize(
    "source",
    [
        ">" * 10_000,
        "> " * 5_000 + "x",
        "- " * 3_000 + "x",
        "\n".join(" " * 2 * depth + "- x" for depth in range(600)),
        "*a" * 50_000,
        "*a **b " * 10_000,
        "[[" * 10_000,
        "![[" * 10_000,
        "[x](" * 5_000,
        "<div>" * 20_000,
        "<a " * 10_000,
        "`" * 9_999 + " " + "`a" * 9_999,
        "|a" * 2_000 + "\n" + "|-" * 2_000 + "\n" + ("|b" * 2_000 + "\n") * 20,
        "[^1]" * 5_000 + "\n\n[^1]: x",
        "*[A]: " + "x" * 20_000 + "\n\n" + "A " * 20_000,
        "<table>" * 5_000,
        "\\" * 50_000,
        "&" * 50_000,
    ],
    ids=lambda source: source[:8].strip(),
)
def test_a_hostile_source_gives_a_page(source, no_patience):
    rendered = render(source)
    assert rendered.html
    assert rendered.degraded in {True, False}


@given(st.text(max_size=300))
def test_any_text_gives_a_page(source):
    assert isinstance(render(source).html, str)


def test_half_a_character_gives_a_page():
    assert render("a\ud800b").html == "<p>a?b</p>"


def test_a_parser_that_fails_says_so_and_goes_on(pool):
    too_deep = {"source": "- " * 3_000 + "x", "labels": LABELS}
    assert pool.ask(too_deep, 30) == {"problem": "RecursionError"}
    assert pool.ask({"source": "x", "labels": LABELS}, 30)["html"] == "<p>x</p>"


def test_a_source_too_deep_for_the_parser_is_shown_as_typed():
    source = "- " * 3_001 + "x"
    assert render(source).degraded
    assert source in render(source).html


def test_html_that_grows_without_end_is_refused():
    bomb = "*[A]: " + "x" * 200_000 + "\n\n" + "A " * 100
    assert answer({"source": bomb, "labels": LABELS}) == {"problem": "OutputTooLong"}


def test_a_worker_that_died_is_replaced(pool):
    request = {"source": "x", "labels": LABELS}
    pool.ask(request, 30)
    worker = pool._idle.queue[0]
    worker.process.kill()
    worker.process.wait()
    assert pool.ask(request, 30)["html"] == "<p>x</p>"


def test_a_worker_that_takes_too_long_is_ended(pool):
    pool.ask({"source": "x", "labels": LABELS}, 30)
    process = pool._idle.queue[0].process
    with pytest.raises(NoAnswer):
        pool.ask({"source": ENDLESS, "labels": LABELS}, 0.2)
    assert process.returncode is not None
    assert pool._idle.empty()


def test_work_without_end_is_ended_by_the_worker_itself(pool, monkeypatch):
    monkeypatch.setattr("knowledge.markup.pool.CLOCK_FACTOR", 1_000)
    with pytest.raises(NoAnswer):
        pool.ask({"source": ENDLESS, "labels": LABELS}, 0.2)


def test_a_worker_that_hangs_without_working_is_ended_too(pool):
    pool.ask({"source": "x", "labels": LABELS}, 30)
    process = pool._idle.queue[0].process
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(NoAnswer):
        pool.ask({"source": "x", "labels": LABELS}, 0.2)
    assert process.returncode == -signal.SIGKILL


def test_many_readers_at_once_each_get_their_own_page():
    pages = {}

    def read(number):
        pages[number] = render(f"Page {number} of many").html

    threads = [threading.Thread(target=read, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages == {n: f"<p>Page {n} of many</p>" for n in range(24)}


def test_the_words_we_add_are_in_the_readers_language():
    with override("en"):
        english = render("- [x] a").html
    with override("nl"):
        assert rendering._cache_key("- [x] a").split(":")[2] == "nl"
    with override("en"):
        assert render("- [x] a").html == english


def test_a_page_is_rendered_once(monkeypatch):
    first = render("# Kept in the cache")

    def fail(source):
        raise AssertionError(source)

    monkeypatch.setattr(rendering, "_render_now", fail)
    assert render("# Kept in the cache") == first


def test_the_worker_gets_nothing_of_our_environment(pool, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for parsers")
    pool.ask({"source": "x", "labels": LABELS}, 30)
    given_to_it = psutil.Process(pool._idle.queue[0].process.pid).environ()
    assert "PYTHONPATH" in given_to_it
    assert "SECRET_KEY" not in given_to_it
