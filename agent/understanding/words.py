"""How a run of words stands in its text: quoted, capitalised, after a cue, in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from agent.understanding import lexicon
from agent.understanding.around import (
    after,
    bare_verdict,
    before,
    felt_before,
    judging,
    listed_words,
    person_before,
    sentence_openers,
)
from agent.understanding.lexicon import common_words
from agent.understanding.passage import Passage
from agent.understanding.text import Span, Token

_JOINED = re.compile(
    r"\s*(?:,|&|/|、|\band\b|\bor\b|\bnor\b|\bplus\b|>|,\s*and\b|,\s*or\b|和|与)\s*(?:the\s+|also\s+)?[\"'“]?",
    re.I,
)
_JOINED_BEFORE = re.compile(r"(?:,|&|\band|\bor)\s+(?:the\s+)?$")
_FOLLOWED = re.compile(r"\s*(?:$|[,.!?;:)\]/&…\"'”»]|-\s)")
_NAMED = re.compile(r"(?:the (?:movie|film|paper|article|game|book)|called|titled|named|entitled)\s+[\"'“]?$")
_RATED = re.compile(r"\s*(?::|>|-\s|–|—|[^\x00-\u2000]|\?\s+\S|(?:too|as well)\s*(?:[.,!]|$))")
_SERIES_BEFORE = re.compile(r"\b(?:the|all|these|those)\s+$")
_SERIES_AFTER = re.compile(r"\s+(?:movies|films|series|franchise|saga|trilogy)\b")
_NO_NAME = re.compile(r"movies?|films?|series|papers?|saga|trilogy|and|or|but")
_LINKS = ("of", "a", "an")
_INTERJECTION = re.compile(
    r"(?:^|[.!?;,]\s*)(?:(?:yes|yeah|yep|yup|no|nah|oh|ok|okay|well|so|and|but|also|i think|i thought"
    r"|honestly"
    r"|tbh|hmm+|ugh|wow|god|man|lol|haha)\W+)+$"
)
_BOUNDING = re.compile(
    r"\b(?:than|except|years?|from|in|of|since|before|after|until|till|to|by|pre|post|around|about|or"
    r"|and)[\s-]+$"
)
_DETERMINER = re.compile(r"\b(?:an?|my|our|your|his|their|its|this|some|any|no|every|each|another)\s+$")
_UNIT = re.compile(r"(?:\w+ )?(?:years?|hours?|minutes?|mins|days?|weeks?|months?|decades?|people|players)")
_YEAR = re.compile(r"\(?(?:18|19|20)\d\d\)?")
_LONGEST_LIST_GAP = 24


@dataclass(frozen=True)
class Words:
    """Tokens ``first`` up to ``last`` of a passage, and how they stand in it."""

    passage: Passage
    first: int
    last: int

    @property
    def tokens(self) -> list[Token]:
        """The tokens."""
        return self.passage.tokens[self.first : self.last]

    @property
    def span(self) -> Span:
        """The characters from the first token to the last."""
        return Span(self.passage.tokens[self.first].start, self.passage.tokens[self.last - 1].end)

    @cached_property
    def norms(self) -> list[str]:
        """The folded words."""
        return [token.norm for token in self.tokens]

    @cached_property
    def content(self) -> list[str]:
        """The words that are not small."""
        return [norm for norm in self.norms if norm not in listed_words("small")]

    @cached_property
    def plain(self) -> bool:
        """Whether the words are rather said of something: "a sleepover", "ten years", "garbage"."""
        if self.quoted:
            return False
        text = " ".join(self.norms)
        if self._the_one:
            return True
        if self.titled:
            return False
        if _UNIT.fullmatch(text):
            return True
        if len(self.tokens) > 1:
            return False
        judges = text in lexicon.tones() or judging().fullmatch(text)
        return bool(judges or _DETERMINER.search(self._text_before)) and not self.series

    @cached_property
    def _the_one(self) -> bool:
        """Whether the words tell one thing from another ("the Arnie one")."""
        return self.norms[0] == "the" and bool(re.match(r"\s+ones?\b", self._text_after))

    @cached_property
    def odd(self) -> list[str]:
        """The words that are not everyday ones."""
        return [n for n in self.norms if n not in common_words() and not n.isdigit() and len(n) > 1]

    @cached_property
    def everyday(self) -> bool:
        """Whether the words are an everyday phrase."""
        return " ".join(self.norms) in listed_words("everyday")

    @cached_property
    def titled(self) -> bool:
        """Whether all words but small ones have a capital, in a text where that tells anything."""
        content = [t for t in self.tokens if t.norm not in listed_words("small")] or self.tokens
        return self.passage.informative and all(t.capitalised for t in content)

    @cached_property
    def bounding(self) -> bool:
        """Whether a number is rather a year or amount that something is compared with ("older than 2010")."""
        return bool(_BOUNDING.search(self._text_before))

    @cached_property
    def in_lower_case(self) -> bool:
        """Whether the words lack capitals in a text that uses them."""
        return self.passage.informative and not self.titled

    @cached_property
    def coined(self) -> bool:
        """Whether capitals inside the words show a name ("FreshStack", "SEAL")."""
        shaped = any(len(t.text) > 3 and t.text[1:] != t.text[1:].lower() for t in self.tokens)
        return self.titled and shaped

    @cached_property
    def inside_sentence(self) -> bool:
        """Whether a word with a capital stands where the grammar asks for none."""
        return any(
            self.passage.tokens[i].text[0].isupper() and not self.passage.initial(i)
            for i in range(self.first, self.last)
        ) or any(t.text[0].isdigit() for t in self.tokens)

    @cached_property
    def quoted(self) -> bool:
        """Whether quotes hold these words and nothing else."""
        span = self.span
        return any(
            q.start <= span.start and span.end <= q.end and not re.search(r"\w", self._rest(q))
            for q in self.passage.quotes
        )

    def _rest(self, quote: Span) -> str:
        text, span = self.passage.text, self.span
        return _YEAR.sub("", text[quote.start : span.start] + text[span.end : quote.end])

    @cached_property
    def _text_before(self) -> str:
        return self.passage.lower[max(0, self.span.start - 60) : self.span.start]

    @cached_property
    def _text_after(self) -> str:
        return self.passage.lower[self.span.end : self.span.end + 40]

    @cached_property
    def cued(self) -> bool:
        """Whether words come right before that introduce titles ("watched", "similar to")."""
        return bool(before("cue").search(self._text_before) or felt_before().search(self._text_before))

    @cached_property
    def named(self) -> bool:
        """Whether "the movie", "called" and the like come right before."""
        return bool(_NAMED.search(self._text_before))

    @cached_property
    def followed(self) -> bool:
        """Whether the clause ends here or goes on as it would after a name."""
        return bool(_FOLLOWED.match(self._text_after) or after("follow").match(self._text_after))

    @cached_property
    def judged(self) -> bool:
        """Whether a predicate comes right after ("was great")."""
        return bool(after("predicate").match(self._text_after))

    @cached_property
    def series(self) -> bool:
        """Whether films of that name are spoken of ("all the saw movies")."""
        return bool(_SERIES_BEFORE.search(self._text_before) and _SERIES_AFTER.match(self._text_after))

    @cached_property
    def recalled(self) -> bool:
        """Whether the words begin a sentence that goes on as a judgement ("heat was great")."""
        opens = self.passage.initial(self.first) or _INTERJECTION.search(self._text_before)
        return bool(opens) and bool(
            after("past").match(self._text_after) or bare_verdict().match(self._text_after)
        )

    @cached_property
    def rated(self) -> bool:
        """Whether a verdict or a comparison follows without a verb ("Gravity: meh", "Alien > Aliens")."""
        return bool(_RATED.match(self._text_after))

    @cached_property
    def alone(self) -> bool:
        """Whether the words are the whole utterance."""
        return len(self.passage.tokens) == len(self.tokens)

    @cached_property
    def whole(self) -> bool:
        """Whether the words are a sentence by themselves."""
        return self.passage.initial(self.first) and bool(re.match(r"\s*(?:[.!?]|$)", self._text_after))

    @cached_property
    def listed(self) -> bool:
        """Whether the words stand in an enumeration."""
        return bool(_JOINED.match(self._text_after) or _JOINED_BEFORE.search(self._text_before))

    @cached_property
    def after_person(self) -> bool:
        """Whether what follows "by", "with", "starring" is rather a person."""
        return bool(person_before().search(self._text_before))

    @cached_property
    def person(self) -> bool:
        """Whether the words are rather a person's name."""
        if self.after_person and len(self.tokens) in (1, 2, 3):
            return True
        return len(self.tokens) in (2, 3) and self.norms[0] in listed_words("given_names")

    @cached_property
    def in_longer_name(self) -> bool:
        """Whether a capitalised word stands right beside, so that this is part of another name."""
        passage = self.passage
        if not self.titled:
            return False
        if passage.adjacent(self.last - 1) and self._name_like(self.last):
            return True
        previous = self.first - 1
        return passage.adjacent(previous) and self._continues_name(previous)

    def _continues_name(self, before: int) -> bool:
        """Whether a name ends at a token: "Tom" Hanks, The "Shape of" Water, "Ant-"Man, "Sausage" Party."""
        passage = self.passage
        token = passage.tokens[before]
        if token.norm in _LINKS and passage.adjacent(before - 1):
            return self._name_like(before - 1) and not passage.initial(before - 1)
        if not self._name_like(before):
            return False
        if not passage.initial(before) or token.norm in listed_words("given_names"):
            return True
        hyphen = passage.text[token.end : self.span.start] == "-"
        opens = token.norm in sentence_openers() or self.cued
        return hyphen or (not self.odd and not opens)

    def _name_like(self, index: int) -> bool:
        token = self.passage.tokens[index]
        shouted = token.text.isupper() and len(token.text) > 1 and not self.tokens[0].text.isupper()
        word = token.norm in listed_words("pronouns") or token.norm in listed_words("no_title")
        return token.text[0].isupper() and not (shouted or word) and not _NO_NAME.fullmatch(token.norm)

    def listed_with(self, others: Iterable[Span]) -> bool:
        """Whether nothing but a comma, "and" or "or" stands between these words and one of the spans."""
        text, span = self.passage.text, self.span
        for other in others:
            low, high = (other.end, span.start) if other.end <= span.start else (span.end, other.start)
            between = text[low:high]
            if (
                low <= high
                and len(between) < _LONGEST_LIST_GAP
                and _JOINED.fullmatch(between.lstrip("\"'”’"))
            ):
                return True
        return False
