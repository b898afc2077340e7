"""What stands before and after words that may be a title: the word lists of titles as patterns."""

from __future__ import annotations

import re
from functools import cache

from agent.understanding import lexicon


@cache
def listed_words(name: str) -> frozenset[str]:
    """The entries of a list of the lexicon's ``titles``, such as ``"never"`` and ``"small"``."""
    return frozenset(lexicon.phrases("titles", name))


@cache
def sentence_openers() -> frozenset[str]:
    """Words that begin sentences rather than titles."""
    return (listed_words("never") - {"the", "a", "an"}) | listed_words("openers")


@cache
def before(name: str) -> re.Pattern[str]:
    """One of the entries, then fillers and an opening quote, up to the end of the text before."""
    cue, filler = (lexicon.alternatives(lexicon.phrases("titles", n)) for n in (name, "filler"))
    return re.compile(rf"(?:{cue})(?:\s+(?:{filler}))*[\s\"'“‘«《*(]*$")


@cache
def felt_before() -> re.Pattern[str]:
    """Words of attitude that end in what they speak of ("can't go wrong with"), up to the text's end."""
    felt = [*lexicon.phrases("cues", "want"), *lexicon.phrases("cues", "seen")]
    for listed in lexicon.mapping("cues", "forward").values():
        felt += listed
    filler = lexicon.alternatives(lexicon.phrases("titles", "filler"))
    whole = lexicon.alternatives(p for p in felt if "(?=" not in p and "(?<=" not in p)
    return re.compile(rf"(?:{whole})(?:\s+(?:{filler}))*[\s\"'“‘«《*(]*$")


@cache
def after(name: str) -> re.Pattern[str]:
    """One of the entries, at the start of the text after."""
    return re.compile(rf"\s*(?:{lexicon.alternatives(lexicon.phrases('titles', name))})")


@cache
def bare_verdict() -> re.Pattern[str]:
    """A judgement without a verb, up to the end of the clause ("hive good.")."""
    judgements = lexicon.mapping("cues", "predicate")
    words = lexicon.alternatives(p for listed in judgements.values() for p in listed)
    return re.compile(rf"\s+(?:{words})\s*(?:[.,!;]|$)")


@cache
def judging() -> re.Pattern[str]:
    """Words of praise and blame."""
    return lexicon.pattern(p for listed in lexicon.mapping("cues", "predicate").values() for p in listed)


@cache
def person_before() -> re.Pattern[str]:
    """Words that a person's name follows ("directed by")."""
    return re.compile(rf"(?:{lexicon.alternatives(lexicon.phrases('titles', 'person_before'))})\s+$")
