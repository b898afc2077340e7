"""A tiny evaluation set on disk: sixteen films, two past dialogues, six turns to predict."""

import json

from support import FILMS

TURNS = (
    ("t1", "d1", "I loved Alien. Any horror like it?", ["alien"], ["thing82"]),
    ("t2", "d1", "More science fiction, please.", ["alien", "thing82"], ["aliens"]),
    ("t3", "d2", "A funny film for tonight", [], ["airplane", "superbad"]),
    ("t4", "d3", "Something with robots", [], ["wall-e"]),
    ("t5", "d3", "And a crime film?", ["wall-e"], ["heat"]),
    ("t6", "d4", "A western", [], ["not-in-the-catalog"]),
)
MEMORY = (
    ("m1", "I want a comedy", "Try The Hangover or Superbad", ["hangover", "superbad"]),
    ("m2", "Scary films in space?", "Alien, of course", ["alien"]),
)


def write_films(folder):
    """Write the set to a folder and return the folder's name as text."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["id,title,year,categories,popularity"]
    rows += [f"{f.id},{f.title},{f.year},{'|'.join(f.categories)},{f.popularity}" for f in FILMS]
    (folder / "catalog.csv").write_text("\n".join(rows) + "\n")
    lines = [
        {
            "id": name,
            "dialogue": dialogue,
            "context": [{"role": "user", "content": text}],
            "mentioned": mentioned,
            "targets": targets,
        }
        for name, dialogue, text, mentioned, targets in TURNS
    ]
    (folder / "conversations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    memory = [
        {
            "id": name,
            "turns": [{"role": "user", "content": said}, {"role": "assistant", "content": answer}],
            "items": [{"id": item, "turn": 1, "by": "assistant", "attitude": None} for item in items],
        }
        for name, said, answer, items in MEMORY
    ]
    (folder / "memory.jsonl").write_text("".join(json.dumps(line) + "\n" for line in memory))
    return str(folder)
