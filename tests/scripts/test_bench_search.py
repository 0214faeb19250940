"""What the search benchmark takes away, adds, counts and holds against its bounds."""

import pytest
from elasticsearch.dsl.query import MatchAll

from accounts.models import User
from knowledge.access.services import restrict_page
from scripts.bench import (
    filter_cost,
    indexing_rate,
    raw_search,
    rewriting,
    search_speed,
)
from scripts.bench.bounds import Bound, percentile
from search import indexing
from search.engines import registry
from search.engines.elastic_query import readable
from search.reader import Pending, ReaderFilter
from tests.factories import make_project, root_of
from tests.search.asking import WORD, ask
from tests.search.rebuilds import edit
from tests.support.indices import bring_up_to_date


# --- Figures -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "share", "expected"),
    [(20, 0.95, 19), (21, 0.95, 20), (100, 0.95, 95), (1, 0.95, 1), (4, 0.5, 2)],
)
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(
    number, share, expected
):
    assert percentile(list(range(number, 0, -1)), share) == expected


def test_a_bound_is_held_up_to_its_limit_and_not_beyond():
    assert Bound("", 1.5, 1.5).holds
    assert not Bound("", 1.51, 1.5).holds
    assert Bound("", 0.8, 0.8, at_least=True).holds
    assert not Bound("", 0.79, 0.8, at_least=True).holds


def test_what_is_no_number_holds_no_bound():
    assert not Bound("", float("nan"), 1).holds
    assert not Bound("", float("nan"), 1, at_least=True).holds


def measured(**changes) -> dict:
    """Figures that hold every bound; `changes` are of the larger installation."""
    spent = {"search": [15.0], "raw": [10.0], "suggestions": [15.0]}
    return {
        "documents": {"small": 25_000, "large": 200_000},
        "spent": {
            "small": spent | {"search": [25.0]},
            "large": spent | changes.pop("spent", {}),
        },
        "filters": {
            "no filter": [10.0],
            "filter of 500 roots": [11.0],
            "filter of 5,000 roots": [15.0],
        }
        | changes.pop("filters", {}),
        "grant": {
            "small": {"opened": 5, "rewritten": 0},
            "large": {"opened": 5, "rewritten": changes.pop("rewritten", 0)},
        },
        "indexing": {"rebuild": [changes.pop("rate", 400.0)], "raw": [500.0]},
        "postgres": 59.0,
    }


def broken(figures: dict) -> list[str]:
    return [bound.what for bound in search_speed.bounds(figures) if not bound.holds]


def test_figures_just_at_the_bounds_of_the_promise_hold_all_of_them():
    assert broken(measured()) == []
    assert len(search_speed.bounds(measured())) == 9


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spent": {"search": [15.1]}}, "search / raw query, 95 %, 200,000 documents"),
        (
            {"spent": {"suggestions": [15.1]}},
            "suggestions / search, 95 %, 200,000 documents",
        ),
        ({"rewritten": 1}, "documents rewritten for a grant, 200,000 documents"),
        (
            {"filters": {"filter of 500 roots": [11.1]}},
            "filter of 500 roots / no filter, median",
        ),
        (
            {"filters": {"filter of 5,000 roots": [15.1]}},
            "filter of 5,000 roots / no filter, median",
        ),
        ({"rate": 399.0}, "documents/s of a rebuild / of a raw bulk"),
    ],
)
def test_one_figure_beyond_its_bound_is_told(changes, expected):
    assert broken(measured(**changes)) == [expected]


def test_the_tables_name_every_case_and_say_what_does_not_hold():
    figures = measured(rewritten=3)
    lines = search_speed.table_of_bounds(search_speed.bounds(figures))
    assert [line for line in lines if "**no**" in line] == [
        "| documents rewritten for a grant, 200,000 documents | 3.00 | ≤ 0 | **no** |"
    ]
    text = "\n".join(search_speed.table(figures))
    assert "| 200,000 | filter of 5,000 roots | 1 | 15.0 | 15.0 |" in text
    assert "rebuild of Elasticsearch 400, raw bulk 500" in text


def test_each_of_a_group_comes_first_in_turn():
    asked = []
    group = {name: (lambda name=name: asked.append(name)) for name in "abc"}
    spent = raw_search.time_all([group], repetitions=3)
    assert "".join(asked) == "abcbcacab"
    assert {name: len(values) for name, values in spent.items()} == dict.fromkeys(
        "abc", 3
    )


# --- Questions ---------------------------------------------------------------------
RULE = readable(ReaderFilter((1,), (7,), (9,)), Pending(paths=("0001",))).to_dict()


def test_only_the_clauses_of_the_rule_are_taken_out_of_a_question():
    own = {"term": {"language": "nl"}}
    excluded = {"term": {"title": "x"}}
    body = {
        "query": {
            "bool": {
                "must": [{"match_all": {}}],
                "filter": [*RULE["bool"]["filter"], own],
                "must_not": [*RULE["bool"]["must_not"], excluded],
            }
        },
        "size": 10,
    }
    assert raw_search.without_rule(body, RULE) == {
        "query": {
            "bool": {
                "must": [{"match_all": {}}],
                "filter": [own],
                "must_not": [excluded],
            }
        },
        "size": 10,
    }
    assert len(body["query"]["bool"]["filter"]) == 2


def test_a_question_without_the_rule_in_it_is_an_error():
    body = {"query": {"bool": {"must": [MatchAll().to_dict()]}}}
    with pytest.raises(ValueError, match="not in list"):
        raw_search.without_rule(body, RULE)


def test_a_filter_that_is_added_keeps_what_was_asked():
    body = {"query": {"bool": {"must": [1], "filter": [2]}}, "size": 10}
    added = filter_cost.open_to_all(body, [5, 6], [1])
    assert added["size"] == 10
    assert added["query"]["bool"]["must"] == [1]
    own, access = added["query"]["bool"]["filter"]
    assert own == 2
    ways = access["bool"]["should"]
    assert {"terms": {"root_id": [5, 6]}} in ways
    assert {"terms": {"owner_id": [1]}} in ways
    narrowed = filter_cost.narrowed_to(body, [5, 6])["query"]["bool"]["filter"][1]
    assert narrowed["bool"]["should"] == [{"terms": {"root_id": [5, 6]}}]
    assert body["query"]["bool"]["filter"] == [2]


@pytest.mark.search_engine
def test_what_is_sent_raw_is_the_question_of_the_page_and_finds_what_is_hidden(
    world, elastic
):
    make_project(world.meridian, world.guest, f"A {WORD} of others")
    make_project(world.host, world.admin, f"A {WORD} of ours")
    bring_up_to_date()
    engine = raw_search.the_engine()
    (body,) = raw_search.bodies([WORD], world.member.email)
    assert ask(world.member, WORD).total == 1
    answer = raw_search.sender(engine, engine.index_name(), body)()
    assert answer["hits"]["total"]["value"] == 2
    assert "highlight" in body
    assert set(body["aggs"]) >= {"organisation", "project", "author"}
    assert body["size"] == 10


@pytest.mark.search_engine
def test_the_barriers_are_taken_out_as_well(world, elastic):
    bring_up_to_date()
    restrict_page(page=world.plan, entries={world.admin: 4}, by=world.admin)
    (body,) = raw_search.bodies(["plan"], world.member.email)
    engine = raw_search.the_engine()
    assert ask(world.member, "plan").total == 0
    found = raw_search.sender(engine, engine.index_name(), body)()
    assert found["hits"]["total"]["value"] >= 1


@pytest.mark.search_engine
def test_a_page_that_postgresql_answered_is_no_sample(world, elastic):
    with pytest.raises(RuntimeError, match="PostgreSQL answered"):
        raw_search.bodies([WORD], world.member.email)


# --- Writing -----------------------------------------------------------------------
@pytest.mark.search_engine
def test_a_grant_opens_a_project_and_rewrites_nothing(world, elastic):
    bring_up_to_date()
    root = root_of(world.closed)
    answer = rewriting.give_and_take(root, world.member)
    assert answer == {"opened": 1, "rewritten": 0}


@pytest.mark.search_engine
def test_a_grant_of_what_was_seen_before_proves_nothing(world, elastic):
    bring_up_to_date()
    with pytest.raises(RuntimeError, match="no difference"):
        rewriting.give_and_take(root_of(world.open), world.member)


@pytest.mark.search_engine
def test_an_edit_is_counted_wherever_it_is(world, elastic):
    bring_up_to_date()
    plan, other = root_of(world.plan), root_of(world.open)
    assert rewriting.count_rewritten(plan, lambda: None) == 0
    write = lambda: edit(world.plan, "Anew.", world.admin)  # noqa: E731
    assert rewriting.count_rewritten(plan, write) == 1
    assert rewriting.count_rewritten(other, write) == 1


@pytest.mark.search_engine
def test_both_ways_of_indexing_write_the_same_documents(world, elastic):
    bring_up_to_date()
    engine = raw_search.the_engine()
    sent = {action["_id"] for action in indexing_rate.documents(engine)}
    assert sent == set(engine.summaries())
    rates = indexing_rate.measure(rounds=2)
    assert [len(values) for values in rates.values()] == [2, 2]
    assert set(engine.summaries()) == sent
    names = engine._client.indices.get(index=f"{engine.alias}-raw_v*").body
    assert names == {}


@pytest.mark.search_engine
def test_the_scratch_index_has_every_document_under_roots_of_its_own(world, elastic):
    bring_up_to_date()
    engine = raw_search.the_engine()
    before = engine.summaries()
    with filter_cost.scratch_index() as scratch:
        found = scratch.summaries()
        assert found.keys() == before.keys()
        assert len({one.root_id for one in found.values()}) == len(found)
        index = scratch.index
    assert not engine._client.indices.exists(index=index)
    assert registry.elasticsearch().summaries() == before
    assert indexing.waiting() == 0
    assert User.objects.filter(pk=world.member.pk).exists()
