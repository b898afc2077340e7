"""The checker: whether a sentence says anything of an item that the evidence does not.

A sentence passes when every word of it is evidence or belongs to a small closed vocabulary, and the
words of that vocabulary which carry meaning (liked, asked for, not, shares, 812 people) are true of
the facts they stand with. What it cannot decide it refuses: a wrong refusal costs only style.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.explain import fact_rules, user_rules
from agent.explain.statement import Statement
from agent.explain.tokens import Facts
from agent.recommendation import Evidence

_RULES = (
    fact_rules.words,
    fact_rules.fields,
    fact_rules.negations,
    fact_rules.numbers,
    fact_rules.shared,
    fact_rules.places,
    fact_rules.popular,
    user_rules.liking,
    user_rules.together,
    user_rules.asking,
    user_rules.naming,
    user_rules.saying,
)


def violations(
    sentence: str,
    item: Item,
    label: str,
    evidence: Sequence[Evidence],
    *,
    context: UserContext,
    catalog: Catalog,
    locale: str = "en",
) -> tuple[str, ...]:
    """What a sentence says beyond the evidence, in the order found; empty where nothing.

    Args:
        sentence: What was written about the item.
        item: The item it is about.
        label: The item's name as people read it.
        evidence: The facts that may be used.
        context: The user's attitudes, and their own words.
        catalog: The catalog, for the values of the other items named.
        locale: The language of the sentence.
    """
    facts = Facts(item, label, evidence, catalog, locale)
    found = [Statement(tokens, facts, context) for tokens in facts.statements(sentence)]
    problems = [problem for s in found for rule in _RULES for problem in rule(s)]
    if not found or (evidence and not any(s.kind("value", "other", "quote", "number") for s in found)):
        problems.append("it states no fact")
    return tuple(dict.fromkeys(problems))
