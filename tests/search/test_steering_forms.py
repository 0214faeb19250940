"""The page on which an organisation keeps its synonyms and promoted results."""

from accounts.models import User
from search.models import Promotion, Synonym
from tests.factories import make_article
from tests.search.steering import promote, synonyms


def address(organisation, rest=""):
    return f"/organisations/{organisation.public_id}/search/{rest}"


def body(response):
    return response.content.decode()


def test_the_page_is_for_who_leads_the_organisation_and_missing_to_others(
    world, leader, sign_in
):
    for who, organisation in (
        (world.admin, world.host),
        (world.manager, world.host),
        (leader, world.meridian),
    ):
        assert sign_in(who).get(address(organisation)).status_code == 200
    one = synonyms(world.meridian, leader, "accu", "battery")
    two = promote(world.meridian, leader, "fire", world.plan)
    for who in (world.admin, world.member, world.guest, world.other_guest):
        client = sign_in(who)
        for rest in (
            "",
            f"synonyms/{one.public_id}/",
            f"synonyms/{one.public_id}/delete",
            f"promoted/{two.public_id}/",
            f"promoted/{two.public_id}/delete",
        ):
            there = address(world.meridian, rest)
            nowhere = there.replace(world.meridian.public_id, "zzzzzzzz")
            for method in (client.get, client.post):
                hidden, missing = method(there), method(nowhere)
                assert hidden.status_code == missing.status_code == 404
                assert body(hidden).replace(there, "") == body(missing).replace(
                    nowhere, ""
                )
    assert Synonym.objects.get() == one
    assert Promotion.objects.get() == two


def test_people_of_the_organisation_are_led_there_when_they_lead_it(
    world, leader, sign_in
):
    people = f"/organisation/{world.meridian.public_id}/people/"
    assert address(world.meridian) in body(sign_in(leader).get(people))
    # Admins of the host see the people of a partner, and not its words.
    admins = sign_in(world.admin).get(people)
    assert admins.status_code == 200
    assert address(world.meridian) not in body(admins)


def test_a_manager_adds_changes_and_deletes_synonyms(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)
    assert "None yet." in body(client.get(there))
    sent = {"add": "synonym", "synonym-words": "accu, Battery"}
    assert client.post(there, sent)["Location"] == there
    one = Synonym.objects.get()
    assert one.words == ["accu", "Battery"]
    assert "accu, Battery" in body(client.get(there))
    own = f"{there}synonyms/{one.public_id}/"
    assert "accu, Battery" in body(client.get(own))
    refused = body(client.post(own, {"synonym-words": "lonely"}))
    assert "lonely" in refused
    assert "different words" in refused
    client.post(own, {"synonym-words": "accu, power pack"})
    one.refresh_from_db()
    assert one.words == ["accu", "power pack"]
    assert "accu, power pack" in body(client.get(f"{own}delete"))
    assert Synonym.objects.exists()
    client.post(f"{own}delete")
    assert not Synonym.objects.exists()


def test_a_manager_promotes_a_page_by_its_title_or_its_address(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)

    def add(words, page):
        sent = {"add": "promotion", "promotion-words": words, "promotion-page": page}
        return client.post(there, sent)

    slug = world.detail.slug
    for number, name in enumerate(
        ("detail", f"/{slug}/", slug, f"https://wiki.example/{slug}/?x=1#top")
    ):
        assert add(f"fire{number}", name).status_code == 302, name
    assert set(Promotion.objects.values_list("page", flat=True)) == {world.detail.pk}
    one = Promotion.objects.earliest("pk")
    own = f"{there}promoted/{one.public_id}/"
    assert slug in body(client.get(own))
    sent = {"promotion-words": "Water", "promotion-page": "Plan"}
    assert client.post(own, sent).status_code == 302
    one.refresh_from_db()
    assert (one.words, one.page_id) == (["water"], world.plan.pk)
    assert "Plan" in body(client.get(f"{own}delete"))
    client.post(f"{own}delete")
    assert not Promotion.objects.filter(pk=one.pk).exists()


def test_an_unknown_hidden_or_ambiguous_title_is_refused_and_kept(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)
    draft = make_article(world.open, world.admin, "Draft", publish=False)
    for parent in (world.open, world.plan):
        make_article(parent, world.admin, "Twin")

    def refused(name):
        sent = {
            "add": "promotion",
            "promotion-words": "fire",
            "promotion-page": name,
            "promotion-note": "kept",
        }
        page = body(client.post(there, sent))
        assert f'value="{name}"' in page
        assert 'value="fire"' in page
        assert 'value="kept"' in page
        return page.replace(name, "…")

    unknown = refused("Nowhere")
    assert "no published page" in unknown
    hidden = [refused("Prices"), refused("Draft"), refused(draft.slug)]
    hidden.append(refused(world.prices.slug))
    for page in hidden:
        assert "no published page" in page
    assert "Several pages" in refused("Twin")
    assert not Promotion.objects.exists()


def test_nothing_tells_a_manager_of_a_promoted_page_that_is_hidden(world, sign_in):
    hidden = promote(world.host, world.admin, "fire", world.prices, note="whisper")
    client, there = sign_in(world.manager), address(world.host)
    page = body(client.get(there))
    assert "Prices" not in page
    assert "whisper" not in page
    assert hidden.public_id not in page
    assert "Prices" in body(sign_in(world.admin).get(there))
    for rest in ("", "delete"):
        own = f"{there}promoted/{hidden.public_id}/{rest}"
        missing = f"{there}promoted/zzzzzzzz/{rest}"
        for method in (client.get, client.post):
            answer, nothing = method(own), method(missing)
            assert answer.status_code == nothing.status_code == 404
            assert body(answer).replace(own, "") == body(nothing).replace(missing, "")
    assert Promotion.objects.filter(pk=hidden.pk).exists()


def test_what_keeps_them_costs_the_same_however_many_there_are(
    world, sign_in, django_assert_max_num_queries
):
    for number in range(12):
        synonyms(world.host, world.admin, f"one{number}", f"two{number}")
        promote(world.host, world.admin, f"fire{number}", world.plan)
    client = sign_in(User.objects.get(pk=world.admin.pk))
    with django_assert_max_num_queries(9):
        page = body(client.get(address(world.host)))
    assert page.count("→") >= 12
