"""Set synonyms and promoted results, and see what a person is shown first."""

from knowledge.access.rule import forget
from search.services_steering import add_promotion, add_synonym
from tests.search.asking import ask


def synonyms(organisation, by, *words):
    return add_synonym(organisation=organisation, words=words, by=by)


def promote(organisation, by, words, page, note=""):
    forget(by)
    return add_promotion(
        organisation=organisation, words=words.split(), page=page, by=by, note=note
    )


def promoted(user, text, **kwargs):
    return [one.page.title for one in ask(user, text, **kwargs).promoted]
