"""The model card of an adapter, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def readme(card: Mapping[str, Any]) -> str:
    """A model card in Markdown, with the front matter that model hubs read."""
    base, catalog, figures = card["base"], card["catalog"], card["figures"]
    before, after = figures["before"], figures["after"]
    parent = f", from {card['parent']}" if card.get("parent") else ""
    lines = [
        "---",
        f"base_model: {base['name']}",
        "library_name: peft",
        "pipeline_tag: text-generation",
        "tags: [recommendation, lora, groundrec]",
        "---",
        "",
        f"# {base['name']} for {catalog['name']} ({card['version']}{parent})",
        "",
        f"An adapter that `groundrec tune` made on {card['made']}. It goes into {base['name']} "
        f"(`{base['fingerprint']}`, tuned as {base['held']}) and knows the {catalog['items']:,} items of "
        f"`{catalog['name']}` (`{catalog['fingerprint']}`):",
        "",
        "```sh",
        "groundrec chat --catalog CATALOG --adapter FOLDER",
        "```",
        "",
        "## What it has seen",
        "",
        f"Licence: {card['licence']}",
        "",
        "| file | SHA-256 | holds |",
        "|---|---|---|",
        *(f"| {d['file']} | `{d['sha256']}` | {d['holds']} |" for d in card["data"]),
        "",
        "Rows: " + ", ".join(f"{count:,} {task}" for task, count in card["rows"].items()) + ".",
        f"Validation: {card['validation']}.",
        "The rows themselves are kept beside the weights (`replay.jsonl`, `regression.jsonl`) for later "
        "tuning: they hold what people said, and are to be guarded like the data.",
        "",
        "## What it is worth",
        "",
        "On rows that were not learned from:",
        "",
        "| figure | before | after |",
        "|---|---|---|",
        *(f"| {name} | {_number(before.get(name))} | {_number(after[name])} |" for name in after),
        "",
        "## How it was tuned",
        "",
        f"{card['training']['steps']:,} of {card['training']['planned']:,} planned steps at "
        f"{card['training']['tokens_per_second']:.0f} tokens a second.",
        "",
        "| option | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in card["options"].items()),
    ]
    return "\n".join(lines) + "\n"


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
