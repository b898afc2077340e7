"""How words stand in a text: quoted, capitalised, after a cue, in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from agent.understanding import lexicon
from agent.understanding.lexicon import common_words
from agent.understanding.text import Span, Token, lower, tokenise

_QUOTES = re.compile(
    r"“([^“”]{1,120})”|\"([^\"]{1,120})\"|«([^«»]{1,120})»|《([^《》]{1,120})》|「([^「」]{1,120})」"
    r"|(?<![\w])['‘]([^'‘’\n]{2,120}?)['’](?!\w)|\*([^*\n]{2,80})\*|(?<!\w)_([^_\n]{2,80})_(?!\w)"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?\n;…•])[\s\"'“‘(*-]*$|^\W*$|[:：]\s*$")
_JOINED = re.compile(r"\s*(?:,|&|/|、|\band\b|\bor\b|\bnor\b|\bplus\b|>|,\s*and\b|,\s*or\b|和|与)\s*(?:the\s+|also\s+)?[\"'“]?", re.I)
_FOLLOWED = re.compile(r"\s*(?:$|[,.!?;:)\]/&…\"'”»]|-\s)")


@cache
def _small() -> frozenset[str]:
    return frozenset(lexicon.phrases("titles", "small"))


@cache
def _everyday() -> frozenset[str]:
    return frozenset(lexicon.phrases("titles", "everyday"))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(lexicon.phrases("titles", "given_names"))


@cache
def _before(*path: str) -> re.Pattern[str]:
    """One of the entries, then fillers and an opening quote, up to the end of the text before."""
    filler = lexicon.alternatives(lexicon.phrases("titles", "filler"))
    return re.compile(rf"(?:{lexicon.alternatives(lexicon.phrases(*path))})(?:\s+(?:{filler}))*[\s\"'“‘«《*(]*$")


@cache
def _starts(*path: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{lexicon.alternatives(lexicon.phrases(*path))})")


class Passage:
    """A text with its words and quotes.

    Attributes:
        informative: Whether capitals tell anything: the text has small and capital letters.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = lower(text)
        self.tokens: list[Token] = tokenise(text)
        letters = [t for t in self.tokens if t.text[0].isalpha() and t.norm.isascii()]
        shouting = sum(t.text.isupper() for t in letters) > 0.7 * len(letters) and len(letters) > 1
        self.informative = not shouting and any(t.text[0].isupper() for t in letters)
        self.quotes = [
            Span(m.start(m.lastindex or 0), m.end(m.lastindex or 0)) for m in _QUOTES.finditer(text)
        ]

    def words(self, first: int, last: int) -> Words:
        """The tokens from ``first`` up to ``last``."""
        return Words(self, first, last)

    def initial(self, index: int) -> bool:
        """Whether a token begins a sentence."""
        start = self.tokens[index].start
        return bool(_SENTENCE_START.search(self.text[max(0, start - 8) : start])) or index == 0

    def adjacent(self, index: int) -> bool:
        """Whether nothing but one space stands between a token and the next."""
        if not 0 <= index < len(self.tokens) - 1:
            return False
        return self.text[self.tokens[index].end : self.tokens[index + 1].start] in (" ", "-", "  ")

    def windows(self, index: int, longest: int) -> Iterator[Words]:
        """Runs of adjacent tokens around one, the longest first; none begins or ends with a small word but "the"."""
        for length in range(longest, 0, -1):
            for first in range(max(0, index - length + 1), min(index, len(self.tokens) - length) + 1):
                if all(self.adjacent(i) for i in range(first, first + length - 1)):
                    yield Words(self, first, first + length)

    def capital_runs(self, taken: Sequence[Span]) -> Iterator[Words]:
        """Runs of capitalised words that may be titles; small words may stand inside."""
        if not self.informative:
            return
        index = 0
        while index < len(self.tokens):
            if not self._begins_run(index) or self._inside(index, taken):
                index += 1
                continue
            last = index + 1
            probe = last
            while probe < len(self.tokens) and self._continues(probe) and not self._inside(probe, taken):
                probe += 1
                if self.tokens[probe - 1].capitalised:
                    last = probe
            yield Words(self, index, last)
            index = last

    def _inside(self, index: int, spans: Sequence[Span]) -> bool:
        token = self.tokens[index]
        return any(s.start <= token.start < s.end for s in spans)

    def _continues(self, index: int) -> bool:
        gap = self.text[self.tokens[index - 1].end : self.tokens[index].start]
        token = self.tokens[index]
        return gap in (" ", "  ", "-", ": ", ". ", "'") and gap != ". " and (
            token.capitalised or token.norm in _small()
        ) or token.norm == "s" and gap == ""

    def _begins_run(self, index: int) -> bool:
        token = self.tokens[index]
        if not token.text[0].isupper() or token.norm in ("i", "im", "ive", "id", "ill", "ok", "tv", "lol", "omg", "dvd", "usa", "uk"):
            return False
        if not self.initial(index):
            return True
        follows = index + 1 < len(self.tokens) and self.adjacent(index) and self.tokens[index + 1].text[0].isupper() and self.tokens[index + 1].text != "I"
        opener = token.norm in _openers()
        return (follows and not opener) or token.norm not in common_words()


@cache
def _openers() -> frozenset[str]:
    """Words that begin sentences rather than titles."""
    listed = lexicon.phrases("titles", "never")
    return frozenset(listed) - {"the", "a", "an"} | {"something", "seen", "saw", "loved", "watched", "love", "liked", "like", "enjoyed", "hated", "hate", "recommend", "suggest", "movies", "similar", "read", "tried", "found", "give", "show", "find", "get me", "got", "my", "your", "his", "have", "has", "did", "do", "can", "could", "would", "if", "also", "then", "great", "haven't", "havent", "not", "ever"}


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
        return [norm for norm in self.norms if norm not in _small()]

    @cached_property
    def odd(self) -> list[str]:
        """The words that are not everyday ones."""
        return [n for n in self.norms if n not in common_words() and not n.isdigit() and len(n) > 1]

    @cached_property
    def everyday(self) -> bool:
        """Whether the words are an everyday phrase."""
        return " ".join(self.norms) in _everyday()

    @cached_property
    def titled(self) -> bool:
        """Whether all words but small ones have a capital, in a text where that tells anything."""
        content = [t for t in self.tokens if t.norm not in _small()] or self.tokens
        return self.passage.informative and all(t.capitalised for t in content)

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
        return re.sub(r"\(?(?:18|19|20)\d\d\)?", "", text[quote.start : span.start] + text[span.end : quote.end])

    @cached_property
    def _text_before(self) -> str:
        return self.passage.lower[max(0, self.span.start - 60) : self.span.start]

    @cached_property
    def _text_after(self) -> str:
        return self.passage.lower[self.span.end : self.span.end + 40]

    @cached_property
    def cued(self) -> bool:
        """Whether words come right before that introduce titles ("watched", "similar to")."""
        return bool(_before("titles", "cue").search(self._text_before))

    @cached_property
    def named(self) -> bool:
        """Whether "the movie", "called" and the like come right before."""
        return bool(re.search(r"(?:the (?:movie|film|paper|article|game|book)|called|titled|named|entitled)\s+[\"'“]?$", self._text_before))

    @cached_property
    def followed(self) -> bool:
        """Whether the clause ends here or goes on as it would after a name."""
        return bool(_FOLLOWED.match(self._text_after) or _starts("titles", "follow").match(self._text_after))

    @cached_property
    def judged(self) -> bool:
        """Whether a predicate comes right after ("was great")."""
        return bool(_starts("titles", "predicate").match(self._text_after))

    @cached_property
    def rated(self) -> bool:
        """Whether a verdict or a comparison follows without a verb ("Gravity: meh", "Alien > Aliens")."""
        return bool(re.match(r"\s*(?::|>|-\s|–|—|[^\x00-\u2000])", self._text_after))

    @cached_property
    def alone(self) -> bool:
        """Whether the words are the whole utterance."""
        outside = self.passage.text[: self.span.start] + self.passage.text[self.span.end :]
        return not re.search(r"\w", outside) and len(self.passage.tokens) > 0 and self.norms[0] not in common_words()

    @cached_property
    def listed(self) -> bool:
        """Whether the words stand in an enumeration."""
        return bool(_JOINED.match(self._text_after)) or bool(re.search(r"(?:,|&|\band|\bor)\s+(?:the\s+)?$", self._text_before))

    @cached_property
    def after_person(self) -> bool:
        """Whether what follows "by", "with", "starring" is rather a person."""
        found = re.search(rf"(?:{lexicon.alternatives(lexicon.phrases('titles', 'person_before'))})\s+$", self._text_before)
        return bool(found)

    @cached_property
    def person(self) -> bool:
        """Whether the words are rather a person's name."""
        if self.after_person and len(self.tokens) in (1, 2, 3):
            return True
        return len(self.tokens) in (2, 3) and self.norms[0] in _given_names()

    @cached_property
    def in_longer_name(self) -> bool:
        """Whether a capitalised word stands right beside, so that this is part of another name."""
        passage = self.passage
        if not passage.informative or not self.titled:
            return False
        before, after = self.first - 1, self.last
        if before >= 0 and passage.adjacent(before) and self._name_like(before) and not passage.initial(before):
            return True
        if before >= 0 and passage.adjacent(before) and passage.initial(before) and passage.tokens[before].norm in _given_names():
            return True
        return after < len(passage.tokens) and passage.adjacent(after - 1) and self._name_like(after)

    def _name_like(self, index: int) -> bool:
        token = self.passage.tokens[index]
        kind_word = re.fullmatch(r"movies?|films?|series|papers?|saga|trilogy|and|or|but|is|was|in", token.norm)
        return token.text[0].isupper() and token.text != "I" and not token.text.startswith(("I'", "I’")) and not kind_word

    def listed_with(self, others: Iterable[Span]) -> bool:
        """Whether nothing but a comma, "and" or "or" stands between these words and one of the spans."""
        text, span = self.passage.text, self.span
        for other in others:
            low, high = (other.end, span.start) if other.end <= span.start else (span.end, other.start)
            between = text[low:high]
            if low <= high and len(between) < 24 and _JOINED.fullmatch(between.lstrip("\"'”’")):
                return True
        return False
