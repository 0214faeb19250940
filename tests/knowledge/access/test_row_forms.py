"""The forms of the panel: what a row shows, what it asks for, what it refuses."""

import pytest
from django.http import QueryDict

from knowledge.access.changes import Change, stored_grants
from knowledge.access.forms import AddForm, PersonForm, ReachForm, RowForm
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant
from knowledge.access.subjects import key_of
from tests.factories import in_days, root_of


@pytest.fixture
def root(world):
    return root_of(world.shared)


@pytest.fixture
def stored(world, root):
    GroupGrant.objects.filter(group=world.meridian.group).update(reason="The fair")
    return next(g for g in stored_grants(root) if g.subject == world.meridian)


def post(**facts) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(facts)
    return data


def row(root, subject, **facts) -> RowForm:
    key = key_of(subject)
    data = post(**{f"{key}-{name}": value for name, value in facts.items()})
    return RowForm(root=root, subject=subject, data=data)


def shown(form) -> dict:
    return {name: form[name].value() for name in form.fields}


def as_sent(root, stored, **other) -> RowForm:
    form = RowForm(root=root, subject=stored.subject, stored=stored)
    sent = {name: value for name, value in shown(form).items() if value}
    return row(root, stored.subject, **(sent | other))


# --- A row --------------------------------------------------------------------------


def test_a_row_shows_what_is_stored_and_remembers_it(root, stored):
    form = RowForm(root=root, subject=stored.subject, stored=stored)
    assert shown(form) == {
        "level": 3, "ends_on": in_days(30), "remove": False, "reason": "The fair",
        "was": f"3 {in_days(30)}",
    }  # fmt: skip
    assert not form.is_bound
    assert form.fields["level"].widget.attrs["aria-label"] == "Level of Meridian"
    assert form.fields["ends_on"].widget.attrs["aria-label"] == "Last day of Meridian"
    label = "End what Meridian has"
    assert form.fields["remove"].widget.attrs["aria-label"] == label
    assert form.fields["level"].widget.attrs["class"] == "input input-s"


def test_a_row_shows_what_waits_for_save_instead(root, stored):
    pending = Change(stored.subject, Level.VIEW, in_days(5), "Later")
    form = RowForm(root=root, subject=stored.subject, stored=stored, pending=pending)
    assert shown(form) == {
        "level": 1, "ends_on": in_days(5), "remove": False, "reason": "Later",
        "was": f"3 {in_days(30)}",
    }  # fmt: skip
    end = Change(stored.subject, None)
    form = RowForm(root=root, subject=stored.subject, stored=stored, pending=end)
    assert shown(form)["remove"] is True
    assert shown(form)["level"] == 3


def test_a_new_row_shows_nothing_stored(world, root):
    form = RowForm(root=root, subject=world.noord)
    assert shown(form) == {
        "level": None, "ends_on": None, "remove": False, "reason": "", "was": ""
    }  # fmt: skip


def test_a_row_that_was_not_sent_is_not_bound(world, root):
    data = post(**{f"{key_of(world.meridian)}-level": "1"})
    assert RowForm(root=root, subject=world.meridian, data=data).is_bound
    assert not RowForm(root=root, subject=world.noord, data=data).is_bound
    assert not RowForm(root=root, subject=world.noord).is_bound


def test_a_row_as_it_was_shown_asks_for_nothing(root, stored):
    form = as_sent(root, stored)
    assert form.is_valid()
    assert form.change() is None


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"level": "4"}, (Level.MANAGE, 30, "The fair")),
        ({"ends_on": 9}, (Level.EDIT, 9, "The fair")),
        ({"remove": "on"}, (None, None, "")),
        ({"remove": "on", "level": "1"}, (None, None, "")),
    ],
)
def test_a_row_asks_for_what_is_different(root, stored, sent, wanted):
    if "ends_on" in sent:
        sent = {"ends_on": in_days(sent["ends_on"]).isoformat()}
    form = as_sent(root, stored, **sent)
    assert form.is_valid()
    level, days, reason = wanted
    ends_on = None if days is None else in_days(days)
    assert form.change() == Change(stored.subject, level, ends_on, reason)


def test_ending_what_was_not_there_asks_for_nothing(world, root):
    form = row(root, world.noord, level="1", remove="on")
    assert form.is_valid()
    assert form.change() is None


def test_a_row_refuses_what_save_would_refuse(world, root):
    endless = row(root, world.noord, level="1")
    assert not endless.is_valid()
    assert "needs an end date" in str(endless.errors)
    past = row(root, world.team, level="1", ends_on=in_days(-1).isoformat())
    assert not past.is_valid()
    assert "lies in the past" in str(past.errors)
    for subject, facts in (
        (world.team, {"level": "1"}),
        (world.team, {"level": "1", "ends_on": in_days(0).isoformat()}),
        (world.noord, {"level": "1", "ends_on": in_days(0).isoformat()}),
    ):
        assert row(root, subject, **facts).is_valid()
    unknown = row(root, world.team, level="9")
    assert not unknown.is_valid()
    assert unknown.change() is None


def test_a_row_of_a_restriction_has_no_end_of_its_own(world):
    prices = root_of(world.prices)
    (stored,) = stored_grants(prices)
    form = RowForm(root=prices, subject=stored.subject, stored=stored)
    assert "ends_on" not in form.fields
    assert form["was"].value() == "4"
    same = row(prices, world.admin, level="4", was="4")
    assert same.is_valid()
    assert same.change() is None
    # Above it Meridian has *edit*: no end is asked for, a higher level is refused.
    entry = row(prices, world.meridian, level="3")
    assert entry.is_valid()
    assert entry.change() == Change(world.meridian, Level.EDIT)
    high = row(prices, world.meridian, level="4")
    assert not high.is_valid()
    assert "at most the level Edit" in str(high.errors)
    assert not row(prices, world.noord, level="1").is_valid()


# --- Somebody new -------------------------------------------------------------------


def adding(root, user, **facts) -> AddForm:
    data = post(**{f"add-{name}": value for name, value in facts.items()})
    return AddForm(user=user, root=root, data=data)


def test_somebody_new_is_offered_view_for_half_a_year(world, root):
    form = AddForm(user=world.admin, root=root)
    assert not form.is_bound
    assert form["level"].value() == 1
    assert form["ends_on"].value() == in_days(182)
    assert form.fields["who"].widget.attrs["list"] == "names"
    assert form.fields["who"].widget.attrs["autocomplete"] == "off"
    narrow = AddForm(user=world.admin, root=root_of(world.prices))
    assert set(narrow.fields) == {"who", "level"}


def test_somebody_new_gets_what_was_chosen(world, root):
    day = in_days(3)
    facts = {"level": "2", "ends_on": day.isoformat(), "reason": "The fair"}
    form = adding(root, world.admin, who=" noord ", **facts)
    assert form.is_valid()
    assert form.is_foreign
    assert form.cleaned_data["who"] == "noord"
    assert form.change() == Change(world.noord, Level.COMMENT, day, "The fair")
    own = adding(root, world.admin, who="Quay", level="1")
    assert own.is_valid()
    assert not own.is_foreign
    assert own.change() == Change(world.team, Level.VIEW)


def test_nobody_named_asks_for_nothing(world, root):
    form = adding(root, world.admin, who=" ", level="1")
    assert form.is_valid()
    assert form.change() is None
    assert not form.is_foreign


def test_somebody_new_is_refused_as_save_would_refuse(world, root):
    endless = adding(root, world.admin, who="Noord", level="1")
    assert not endless.is_valid()
    assert "needs an end date" in str(endless.errors["ends_on"])
    day = in_days(-1).isoformat()
    for who in ("Noord", "Quay"):
        past = adding(root, world.admin, who=who, level="1", ends_on=day)
        assert not past.is_valid()
        assert "lies in the past" in str(past.errors["ends_on"])
    today = in_days(0).isoformat()
    assert adding(root, world.admin, who="Noord", level="1", ends_on=today).is_valid()
    assert not adding(
        root, world.admin, who="Noord", level="9", ends_on=today
    ).is_valid()
    assert not adding(root, world.admin, who="Zzz", level="1", ends_on=today).is_valid()
    prices = root_of(world.prices)
    assert adding(prices, world.admin, who="Meridian", level="3").is_valid()
    assert not adding(prices, world.admin, who="Meridian", level="4").is_valid()


# --- The reach ---------------------------------------------------------------------


def reach(owner, **facts) -> ReachForm:
    return ReachForm(
        owner=owner, initial="network", was="restricted", data=post(**facts)
    )


def test_the_reach_is_offered_from_closed_to_open_and_names_the_owner(world):
    form = ReachForm(owner=world.host, initial="network", was="restricted")
    choices = form.fields["reach"].choices
    assert [value for value, _text in choices] == [
        "restricted",
        "organisation",
        "network",
    ]
    assert choices[1][1] == "Everyone at Vaartkade may view"
    assert (form["reach"].value(), form["reach_was"].value()) == (
        "network",
        "restricted",
    )


def test_the_reach_asks_for_what_is_different_and_for_nothing_unknown(world):
    other = reach(world.host, reach="network", reach_was="restricted")
    assert other.is_valid()
    assert other.change() == "network"
    same = reach(world.host, reach="network", reach_was="network")
    assert same.is_valid()
    assert same.change() is None
    assert not reach(world.host, reach="planet", reach_was="network").is_valid()
    assert not reach(world.host, reach_was="network").is_valid()


def test_one_person_is_asked_for_by_a_name_of_some_length():
    assert PersonForm({"person": "x" * 200}).is_valid()
    assert not PersonForm({"person": "x" * 201}).is_valid()
    assert not PersonForm({"person": ""}).is_valid()
