"""``groundrec demo``: a scripted conversation over each embedded catalog."""

from __future__ import annotations

import time
from statistics import median

from agent.cli import build, options
from agent.cli.terminal import out, program
from agent.cli.working import Working

SCRIPTS = {
    "movies": (
        "I loved Alien and The Thing but hated Prometheus. Something tense, nothing before 1980",
        "more like the second, but newer",
        "I have seen the first. And no horror please",
        "why the third?",
    ),
    "articles": (
        "papers on large language models for recommendation",
        "only cs.IR, and something on cold start",
    ),
}
"""What the user says, by catalog."""


def demo(
    *,
    n: options.Count = 5,
    strategy: options.StrategyText = "default",
    model: options.Model = None,
    quantization: options.Quantization = None,
) -> None:
    """Play a conversation, no input needed.

    Four turns over the embedded movies and two over the articles.
    """
    settings = build.make_settings(model=model, quantization=quantization)
    chosen = build.make_strategy(strategy, settings)
    from rich.rule import Rule
    from rich.text import Text

    from agent.cli.turn_view import INDENT, show_turn, show_utterance
    from agent.localisation import text
    from agent.session import Session

    console, working, spent = out(), Working(told=True), []
    engine = None
    for name, script in SCRIPTS.items():
        with working.on(text("cli.loading", settings.locale)):
            catalog = build.open_catalog(name)
            recommender = build.make_recommender(
                catalog, working, settings=settings, strategy=chosen, engine=engine
            )
            engine = build.warm_up(recommender)
        title = text("cli.demo_title", settings.locale, name=name, count=f"{len(catalog):,}")
        console.print(Rule(Text(title, "bold"), align="left", style="cyan"))
        console.print()
        session = Session(recommender, n=n)
        for utterance in script:
            show_utterance(utterance, settings.locale)
            start = time.perf_counter()
            show_turn(session.stream(utterance), working, settings.locale)
            spent.append(time.perf_counter() - start)
            console.print(Text(f"{INDENT}{spent[-1]:.1f} s", "dim"))
            console.print()
    console.print(Rule(style="cyan"))
    turns = text("cli.demo_turns", settings.locale, count=len(spent), median=f"{median(spent):.1f}")
    console.print(Text(turns))
    for key in ("demo_next", "demo_own"):
        console.print(Text(text(f"cli.{key}", settings.locale, program=program()), "bold"))
