"""Do lists of articles keep to what was asked: author, category, date, survey, newer than a paper?

    python tests/benchmarks/article_requests.py [--each 60] [--seed 0]

Requests are made from random rows of the embedded catalog, in a few wordings each; what a right list
holds is known from the same rows. Printed by kind of request: how many were understood to the letter (the
very set of items that may be recommended), and which share of the recommended items meets what was asked.
What is a survey is told by the catalog's own rule; ``titled`` counts those whose title says so in the
words survey, review or overview.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from agent import Catalog, Item, Recommender
from agent.understanding.text import word_key

MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]
_SURVEY = re.compile(r"\b(?:survey|review|overview|sok)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What is said, and which items would be right; ``known`` ones are not to be recommended."""

    kind: str
    text: str
    right: Callable[[Item], bool]
    known: tuple[str, ...] = ()


def requests(catalog: Catalog, each: int, rng: random.Random) -> Iterator[Request]:
    """Requests of every kind."""
    papers = defaultdict(list)
    for item in catalog:
        for author in item.attributes["authors"]:
            papers[author].append(item)
    prolific = sorted(author for author, own in papers.items() if len(own) >= 3 and author.count(" ") == 1)
    topics = [item.title.split(":")[-1].strip().lower() for item in catalog]
    frequent = catalog.categories[:25]
    newest = max(item.attributes["date"] for item in catalog)
    for _ in range(each):
        author = rng.choice(prolific)
        yield Request("author", f"papers by {author}", lambda i, a=author: a in i.attributes["authors"])
        first, last = author.split()
        wording = rng.choice(("papers by {}. {}", "anything by {}. {}?"))
        yield Request("initial", wording.format(first[0], last), _by(first[0].lower(), word_key(last)))
        one, other = rng.sample(frequent, 2)
        topic = rng.choice(topics)
        wording = rng.choice(("{} papers, not {}, about {}", "in {} but not {}: {}", "{2} ({0}, no {1})"))
        yield Request(
            "categories",
            wording.format(one, other, topic),
            lambda i, a=one, b=other: a in i.categories and b not in i.categories,
        )
        day = str(rng.choice(catalog).attributes["date"])
        month = f"{MONTHS[int(day[5:7]) - 1]} {day[:4]}"
        yield Request(
            "month",
            rng.choice(("papers from {}", "articles published in {}", "what came out in {}?")).format(month),
            lambda i, m=day[:7]: i.attributes["date"].startswith(m),
        )
        yield Request(
            "since",
            rng.choice(("{1} since {0}", "papers on {1}, {0} or later", "{1}, from {0} on")).format(
                day, topic
            ),
            lambda i, d=day: i.attributes["date"] >= d,
        )
        survey = rng.choice(
            ("surveys on {}", "a survey of {}", "literature reviews about {}", "survey papers on {}")
        )
        yield Request("survey", survey.format(topic), lambda i: bool(i.get("form")))
        liked = rng.choice([item for item in catalog if item.attributes["date"] < newest])
        name = rng.choice((liked.title, liked.id, f"arXiv:{liked.id}v2", f"https://arxiv.org/abs/{liked.id}"))
        yield Request(
            "newer than",
            f"papers like {name} but newer",
            lambda i, d=liked.attributes["date"]: i.attributes["date"] > d,
            (liked.id,),
        )


def _by(initial: str, surname: str) -> Callable[[Item], bool]:
    def right(item: Item) -> bool:
        names = [word_key(name).split() for name in item.attributes["authors"]]
        return any(len(n) > 1 and n[0][0] == initial and n[-1] == surname for n in names)

    return right


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print what was not understood")
    options = parser.parse_args()
    catalog = Catalog.load("articles")
    recommender = Recommender(catalog, None)
    letters, met, titled = defaultdict(list), defaultdict(list), list[bool]()
    for request in requests(catalog, options.each, random.Random(options.seed)):
        made = recommender.recommend(request.text, n=10, strategy="fast,explain=none")
        allowed = recommender.parts.filters.mask(made.context.constraints, made.context.known)
        right = {item.id for item in catalog if request.right(item)} - set(request.known)
        letters[request.kind].append({catalog[i].id for i in allowed.nonzero()[0]} == right)
        met[request.kind] += [item_id in right for item_id in made.ids]
        titled += [bool(_SURVEY.search(r.item.title)) for r in made] if request.kind == "survey" else []
        if options.show and not letters[request.kind][-1]:
            print(request.kind, "|", request.text, "|", "; ".join(map(str, made.context.constraints))[:200])
    for kind, understood in letters.items():
        share = sum(met[kind]) / max(1, len(met[kind]))
        print(
            f"{kind:11} understood {sum(understood)}/{len(understood)}  met {share:.3f} of {len(met[kind])}"
        )
    print(f"survey      titled {sum(titled)}/{len(titled)}")


if __name__ == "__main__":
    main()
