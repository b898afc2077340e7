"""Does every reason say only what is true, and does it point at something this user said or did?

    python tests/benchmarks/explanations.py [--each 1000]

Reasons of lists of ten: half of them from five-turn dialogues with simulated users of ``movies-history``,
half from turns of real conversations of ``redial``. Each sentence is checked twice: by the checker that
guards the language model's words (``agent.explain.violations``), and here, where the text alone is read
into claims, each of which is derived anew from the catalog, the past and the user's context. Whatever
cannot be read counts as unsupported. A reason is specific where one of its claims names what the user asked
for, likes, dislikes, named or rated. It never is where the user said and did nothing: those are counted
apart.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from agent import Recommender, Session, explain
from agent.catalog import Item
from agent.context import UserContext
from agent.recommendation import Recommendations
from eval.datasets import EvalSet, load_dataset
from eval.protocols import RecommenderSystem, SimulatedUser
from eval.statistics import mean_intervals

STRATEGY = "fast,explain=plain"
_JOINTS = r"(?:, and |; )"
_WORDS = r"“[^”]+”(?:, “[^”]+”)*(?: and “[^”]+”)?"


def histories(data: EvalSet, recommender: Recommender) -> Iterator[tuple[str, Recommendations]]:
    """Lists of simulated dialogues, by user."""
    system = RecommenderSystem(recommender, STRATEGY)
    for question in data.questions:
        user = SimulatedUser(question, data.catalog)
        session = Session(recommender, system.context(question.unanswered), n=10, strategy=STRATEGY)
        utterance = user.opening()
        for _ in range(5):
            made = session.say(utterance).recommendations
            if made is None:
                break
            yield question.cluster, made
            reaction = user.react(made.ids, session.asked)
            for item_id, kind in reaction.feedback:
                session.feedback(item_id, kind)
            if reaction.accepted is not None:
                break
            utterance = reaction.utterance


def conversations(data: EvalSet, recommender: Recommender) -> Iterator[tuple[str, Recommendations]]:
    """Lists of turns of conversations, by dialogue."""
    system = RecommenderSystem(recommender, STRATEGY)
    for question in data.questions:
        context = system.context(question.unanswered)
        yield question.cluster, recommender.recommend(question.request, context, n=10, strategy=STRATEGY)


class Reader:
    """Reads a plain English reason into claims, and derives each anew.

    Args:
        recommender: Its catalog and its past.
        context: Of the user.
        said: All that the user said, for words that were asked for.
    """

    def __init__(self, recommender: Recommender, context: UserContext, said: str) -> None:
        self.catalog, self.memory = recommender.catalog, recommender.parts.memory
        self.vectors = recommender.parts.vectors
        self.context, self.said = context, said.lower()
        self.liked = self._liked(context)
        disliked = {i for i, a in context.state.attitudes.items() if a < 0}
        self.named = ({*context.state.mentioned} | {*context.state.attitudes}) - disliked
        labels: dict[str, set[str]] = {}
        for item_id in {*self.liked, *self.named}:
            if item_id in self.catalog:
                labels.setdefault(self.catalog.label(self.catalog.item(item_id)), set()).add(item_id)
        self.labels = labels
        title = "|".join(sorted(map(re.escape, labels), key=len, reverse=True)) or "(?!)"
        value = "|".join(sorted(map(re.escape, self.catalog.categories), key=len, reverse=True)) or "(?!)"
        listed = rf"(?:{value})(?:, (?:{value}))*(?: (?:and|or) (?:{value}))?"
        noun = rf"(?:an? )?(?P<values>{listed})(?: {self.catalog.kind})?"
        what = rf"(?:{noun} from (?P<year>\d{{4}})|{noun.replace('values', 'only')}|from (?P<alone>\d{{4}}))"
        of, pronoun = rf"(?P<title>{title})", "(?:it|this)"
        patterns: list[tuple[str, Callable[..., bool], bool]] = [
            (rf"{pronoun} is {what}, as you asked(?: \(“[^”]*”\))?", self.asked, True),
            (rf"you asked for (?:“[^”]*”: it is )?{what}", self.asked, True),
            (rf"it is {what}, which you like", self.wanted, True),
            (rf"it shares (?P<values>{listed}) with {of}, which you liked", self.shared, True),
            (rf"like {of}, which you (?P<did>liked|named), it is (?P<values>{listed})", self.shared, True),
            (rf"it is (?P<values>{listed}), as is {of}, which you (?P<did>liked|named)", self.shared, True),
            (rf"it is close to {of}, which you liked: both are (?P<values>{listed})", self.close, True),
            (r"(?P<n>[\d,]+) conversations here that mention “(?P<word>[^”]+)”, as you did, name it",
             self.spoken, True),
            (r"it is named in (?P<n>[\d,]+) conversations here that mention “(?P<word>[^”]+)”, as you did",
             self.spoken, True),
            (rf"(?P<n>[\d,]+) people here who liked {of} liked it too", self.co_liked, True),
            (rf"(?P<n>[\d,]+) people here liked both it and {of}", self.co_liked, True),
            (rf"(?P<n>\d+) conversations? here names? both it and {of}, which you named",
             self.co_named, True),
            (rf"it is named with {of}, which you named, in (?P<n>\d+) conversations here",
             self.co_named, True),
            (rf"(?P<n>\d+) of the (?P<m>\d+) you liked are (?P<values>{value}), like this one",
             self.counted, True),
            (rf"it is (?P<values>{value}), like (?P<n>\d+) of the (?P<m>\d+) you liked", self.counted, True),
            (rf"its (?P<place>title|description) mentions (?P<words>{_WORDS}), as you asked",
             self.words, True),
            (rf"your words? (?P<words>{_WORDS}) (?:is|are) in its (?P<place>title|description)",
             self.words, True),
            (rf"(?:it is not|there is no) (?P<values>{listed})(?: in it)?(?:, as you asked)?",
             self.spared, True),
            (rf"it is not (?P<values>{listed}), which you dislike", self.spared, True),
            (r"(?P<n>[\d,]+) people rated it here, (?P<m>[\d.]+) on average", self.rated, False),
            (r"it is rated (?P<m>[\d.]+) on average by (?P<n>[\d,]+) people here", self.rated, False),
            (r"it is popular here: (?P<n>[\d,]+) people rated it, (?P<m>[\d.]+) on average",
             self.popular, False),
            (r"its popularity here is (?P<n>[\d,]+)", self.popularity, False),
            (rf"{pronoun} is {what}", self.holds, False),
            (r"it is another suggestion", lambda item, found: True, False),  # which claims nothing
        ]  # fmt: skip
        self.patterns = [(re.compile(p, re.IGNORECASE), check, own) for p, check, own in patterns]

    def read(self, sentence: str, item: Item) -> tuple[list[str], bool]:
        """What is not supported, and whether a claim points at the user."""
        return self._rest(sentence.removesuffix("."), item) or (["cannot be read"], False)

    def _rest(self, text: str, item: Item) -> tuple[list[str], bool] | None:
        """Read claims to the end; a shorter reading of one is tried where the rest cannot be read."""
        unreadable = None
        for pattern, check, own in self.patterns:
            found = pattern.match(text)
            if found is None:
                continue
            problems = [] if check(item, found) else [f"not so: {found[0]}"]
            if found.end() == len(text):
                return problems, own
            joint = re.compile(_JOINTS).match(text, found.end())
            if joint and (rest := self._rest(text[joint.end() :], item)) is not None:
                return problems + rest[0], own or rest[1]
        return unreadable

    @staticmethod
    def _liked(context: UserContext) -> set[str]:
        attitudes: dict[str, int] = {}
        for e in context.history:
            if e.event == "rate" and e.value is not None:
                attitudes[e.item_id] = 1 if e.value >= 8 else -1 if e.value <= 5 else 0
            else:
                attitudes[e.item_id] = {"like": 1, "dislike": -1}.get(e.event, 0)
        attitudes.update(context.state.attitudes)
        return {item_id for item_id, attitude in attitudes.items() if attitude > 0}

    @staticmethod
    def _values(found: re.Match[str]) -> list[str]:
        groups = found.groupdict()
        listed = groups.get("values") or groups.get("only") or ""
        return [v for v in re.split(r", | and | or ", listed) if v]

    @staticmethod
    def _year(found: re.Match[str]) -> int | None:
        groups = found.groupdict()
        year = groups.get("year") or groups.get("alone")
        return int(year) if year else None

    @staticmethod
    def _number(text: str) -> float:
        return float(text.replace(",", ""))

    def holds(self, item: Item, found: re.Match[str]) -> bool:
        year = self._year(found)
        return {*self._values(found)} <= {*item.categories} and year in (None, item.year)

    def asked(self, item: Item, found: re.Match[str]) -> bool:
        wanted = {
            v.lower()
            for c in self.context.constraints
            if c.field == "categories" and c.op == "in"
            for v in c.value
        }
        year = [c for c in self.context.constraints if c.field == "year"]
        right = all(v.lower() in wanted or v.lower()[:4] in self.said for v in self._values(found))
        dated = self._year(found) is None or (bool(year) and all(c.allows(item) for c in year))
        return self.holds(item, found) and right and dated

    def wanted(self, item: Item, found: re.Match[str]) -> bool:
        liked = {value for (_, value), weight in self.context.state.facets.items() if weight > 0}
        return self.holds(item, found) and {*self._values(found)} <= liked

    def shared(self, item: Item, found: re.Match[str]) -> bool:
        by = self.named if found.groupdict().get("did") == "named" else self.liked
        others = [self.catalog.item(i) for i in self.labels[found["title"]] & by]
        both = any({*self._values(found)} <= {*other.categories} for other in others)
        return both and {*self._values(found)} <= {*item.categories}

    def close(self, item: Item, found: re.Match[str]) -> bool:
        row = self.vectors[self.catalog.row(item.id)]
        near = [row @ self.vectors[self.catalog.row(i)] for i in self.labels[found["title"]]]
        return self.shared(item, found) and max(near) >= 0.6

    def co_liked(self, item: Item, found: re.Match[str]) -> bool:
        return any(
            i in self.liked and len(self._fans(i) & self._fans(item.id)) == self._number(found["n"])
            for i in self.labels[found["title"]]
        )

    def _fans(self, item_id: str) -> set[str]:
        latest = {e.user_id: e for e in self.catalog.interactions if e.item_id == item_id}
        fans = {
            user
            for user, e in latest.items()
            if user != self.context.user_id
            and (e.event == "like" or (e.event == "rate" and e.value is not None and e.value >= 8))
        }
        for dialogue in self.memory.dialogues:
            told = [s for s in dialogue.items if s.item_id == item_id and s.attitude is not None]
            newest = max(told, key=lambda s: s.turn, default=None)
            if newest and (newest.attitude or 0) > 0 and dialogue.id != self.context.dialogue_id:
                fans.add(f"dialogue {dialogue.id}")
        return fans

    def co_named(self, item: Item, found: re.Match[str]) -> bool:
        named = [
            {s.item_id for s in d.items} for d in self.memory.dialogues if d.id != self.context.dialogue_id
        ]
        counts = {
            i: sum({i, item.id} <= ids for ids in named) for i in self.labels[found["title"]] & self.named
        }
        return self._number(found["n"]) in counts.values()

    def spoken(self, item: Item, found: re.Match[str]) -> bool:
        word = re.compile(rf"(?<![^\W\d_]){re.escape(found['word'])}(?![^\W\d_]|['’][^\W\d_])", re.IGNORECASE)
        both = 0
        for dialogue in self.memory.dialogues:
            named = {s.item_id for s in dialogue.items} if dialogue.id != self.context.dialogue_id else set()
            if item.id in named:
                titles = [self.catalog.item(i) for i in named if i in self.catalog]
                names = {t.title for t in titles} | {self.catalog.label(t) for t in titles}
                said = "\n".join(turn.content for turn in dialogue.turns).lower()
                for name in sorted(names, key=len, reverse=True):
                    said = re.sub(rf"(?<!\w){re.escape(name.lower())}(?!\w)", " ", said)
                both += bool(word.search(said))
        return bool(word.search(self.said)) and both == self._number(found["n"])

    def counted(self, item: Item, found: re.Match[str]) -> bool:
        liked = [self.catalog.item(i) for i in self.liked if i in self.catalog and i != item.id]
        (value,) = self._values(found)
        have = sum(value in other.categories for other in liked)
        return value in item.categories and (have, len(liked)) == (int(found["n"]), int(found["m"]))

    def words(self, item: Item, found: re.Match[str]) -> bool:
        text = (item.title if found["place"].lower() == "title" else item.description or "").lower()
        asked = re.findall("“([^”]+)”", found["words"])
        return all(word.lower()[:4] in text and word.lower() in self.said for word in asked)

    def spared(self, item: Item, found: re.Match[str]) -> bool:
        out = {v for c in self.context.constraints if c.op == "not in" for v in c.value}
        out |= {value for (_, value), weight in self.context.state.facets.items() if weight < 0}
        return {*self._values(found)} <= out and not {*self._values(found)} & {*item.categories}

    def rated(self, item: Item, found: re.Match[str]) -> bool:
        latest = {
            e.user_id: e.value
            for e in self.catalog.interactions
            if e.item_id == item.id and e.event == "rate" and e.value is not None
        }
        mean = sum(latest.values()) / max(1, len(latest))
        return len(latest) == self._number(found["n"]) and abs(mean - float(found["m"])) <= 0.0501

    def popular(self, item: Item, found: re.Match[str]) -> bool:
        behind = sum(other.popularity < item.popularity for other in self.catalog)
        return self.rated(item, found) and behind >= 0.9 * len(self.catalog) - 1

    def popularity(self, item: Item, found: re.Match[str]) -> bool:
        return item.popularity == self._number(found["n"])


def silent(made: Recommendations) -> bool:
    """Whether the user said and did nothing that a reason could point at."""
    c = made.context
    return not (c.attitudes or c.named or c.constraints or c.state.facets or c.wish)


def check(
    name: str, recommender: Recommender, lists: Iterator[tuple[str, Recommendations]], each: int
) -> None:
    """Read reasons until there are enough, and print what was found."""
    users, specific, telling, problems = [], [], [], Counter[str]()
    examples: list[str] = []
    for user, made in lists:
        context = made.context
        said = "\n".join(
            (*(t.content for t in context.dialogue if t.role == "user"), made.understanding.text)
        )
        reader = Reader(recommender, context, f"{said}\n{context.wish}")
        for r in made:
            if len(users) == each:
                break
            (reason,) = r.reasons
            wrong, own = reader.read(reason.text, r.item)
            found = explain.violations(
                reason.text, r.item, r.label, reason.evidence, context=context, catalog=recommender.catalog
            )
            problems["checker"] += bool(found)
            problems["derived anew"] += bool(wrong)
            if found or wrong:
                examples.append(f"{r.label}: {reason.text} {found} {wrong}")
            users.append(user)
            specific.append(float(own))
            telling.append(not silent(made))
        if len(users) == each:
            break
    (share,) = mean_intervals(specific, users)
    told = [(s, u) for s, u, t in zip(specific, users, telling, strict=True) if t]
    (of_told,) = mean_intervals([s for s, _ in told], [u for _, u in told])
    print(f"{name}: {len(users)} reasons of {len({*users})} users")
    print(f"  unsupported: {problems['checker']} by the checker, {problems['derived anew']} derived anew")
    print(f"  specific: {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]")
    print(f"  of the {len(told)} for users who said something: {of_told.value:.3f}")
    report_examples(examples)


def report_examples(examples: Sequence[str]) -> None:
    """The first few that failed."""
    for example in examples[:8]:
        print(f"  {example}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=1000)
    options = parser.parse_args()
    past = load_dataset("movies-history", sample=options.each)
    recommender = Recommender(past.catalog, None)
    check("movies-history", recommender, histories(past, recommender), options.each)
    talk = load_dataset("redial", sample=options.each // 8)
    recommender = Recommender(talk.catalog, None, dialogues=talk.memory)
    check("redial", recommender, conversations(talk, recommender), options.each)


if __name__ == "__main__":
    main()
