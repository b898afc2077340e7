"""A small evaluation folder whose contents are known by heart."""

from __future__ import annotations

import json
from pathlib import Path

CATALOG = """id,title,year,categories
alien,Alien,1979,Horror|Sci-Fi
aliens,Aliens,1986,Action|Sci-Fi
heat,Heat,1995,Action|Crime
drive,Drive,2011,Crime|Drama
up,Up,2009,Animation
"""


def says(*texts):
    """Turns, the user's first."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]


def item(item_id, turn, by="assistant", attitude=None):
    return {"id": item_id, "turn": turn, "by": by, "attitude": attitude}


QUESTIONS = [
    {"id": "q1", "dialogue": "d1", "context": says("I liked Alien"),
     "mentioned": ["alien"], "targets": ["aliens"]},
    {"id": "q2", "dialogue": "d1", "context": says("I liked Alien", "Aliens?", "Seen it"),
     "mentioned": ["alien", "aliens"], "targets": ["heat", "gone"], "repeated": ["alien"]},
    {"id": "q3", "dialogue": "d2", "context": says("Hello"), "mentioned": [], "targets": ["up"]},
]  # fmt: skip

MEMORY = [
    {"id": "m1", "turns": says("A crime film?", "Heat, or Drive", "Heat then"),
     "items": [item("heat", 1, attitude=1), item("drive", 1, attitude=-1), item("heat", 2, "user", 1)]},
    {"id": "m2", "turns": says("I love Alien", "Then Aliens"),
     "items": [item("alien", 0, "user", 2), item("aliens", 1)]},
    {"id": "d1", "turns": says("I liked Alien", "Aliens?"), "items": [item("aliens", 1)]},
]  # fmt: skip


def write_lines(path: Path, lines) -> None:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


def write_folder(folder: Path, *, questions=QUESTIONS, memory=MEMORY, catalog=CATALOG) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalog.csv").write_text(catalog, "utf-8")
    if questions is not None:
        write_lines(folder / "conversations.jsonl", questions)
    if memory is not None:
        write_lines(folder / "memory.jsonl", memory)
    return folder
