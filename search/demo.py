"""What the demonstration has of searches: words of one company, a result, a saved one."""

from typing import Any

from wagtail.models import Page

from accounts.models import Organisation, User
from knowledge.access.rule import visible_to
from search.models import SavedSearch
from search.saving import save_search
from search.services_steering import add_promotion, add_synonym

ARTICLE = "Fire test, round 3"


def add_searches(**_kwargs: Any) -> None:
    """Let the host call its ferry by other names and show one page first."""
    host = Organisation.objects.get(kind=Organisation.Kind.HOST)
    admin = User.objects.get(email="anouk@vaartkade.example")
    add_synonym(organisation=host, words=["ferry", "vessel", "Zilvermeeuw"], by=admin)
    page = visible_to(admin, Page.objects.filter(title=ARTICLE)).get()
    add_promotion(
        organisation=host,
        words=["fire"],
        page=page,
        note="The latest round. Older ones are below.",
        by=admin,
    )
    save_search(
        by=admin,
        name="Fire tests",
        address="q=fire+test",
        alert=SavedSearch.Alert.WEEKLY,
    )
