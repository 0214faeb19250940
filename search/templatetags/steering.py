"""A link to what an organisation sets for searches, on pages that know nothing of it."""

from typing import Any

from django import template

from accounts.models import Organisation, User
from accounts.rights import may_steer_search

register = template.Library()


@register.inclusion_tag("search/includes/steering_tab.html", takes_context=True)
def steering_tab(
    context: template.Context, organisation: Organisation, tab: str = ""
) -> dict[str, Any]:
    """Link to the page, for who may open it; `tab` names the list that is shown."""
    user = context["request"].user
    shown = isinstance(user, User) and may_steer_search(user, organisation)
    return {"organisation": organisation, "tab": tab, "shown": shown}
