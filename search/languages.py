"""In which language a question is asked."""

# Short frequent words that only one of the three languages has.
DUTCH = """
    de het een en van voor niet wij hoe wat waar wie wordt worden zijn naar ook
    bij moet kan ik deze dit onze
"""
GERMAN = """
    der die das ein eine und von für nicht wir wie was wo wer wird werden sind
    nach auch bei muss kann ich diese dieser unsere
"""
ENGLISH = """
    the a an and of for not we how what where who is are to also with must can
    does do this these our
"""
TELLING_WORDS = {
    "nl": frozenset(DUTCH.split()),
    "de": frozenset(GERMAN.split()),
    "en": frozenset(ENGLISH.split()),
}
# Below this many words the person's own language is the better guess (measured).
MIN_WORDS_TO_GUESS = 4


def guess_language(words: tuple[str, ...], *, default: str) -> str:
    """Guess in which language a question is; `default` for few words or a tie."""
    if len(words) < MIN_WORDS_TO_GUESS:
        return default
    lower = [word.lower() for word in words]
    score = {
        language: sum(word in telling for word in lower)
        for language, telling in TELLING_WORDS.items()
    }
    best = max(score.values())
    winners = [language for language, count in score.items() if count == best]
    return default if default in winners else winners[0]
