"""Labels without what they all share, so that what differs is read at once."""

from __future__ import annotations

from collections.abc import Sequence

_JOIN = " + "
_HEAD = ": "


def short_names(labels: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Names by label, and the parts that were left out of them.

    Of ``recommend/zero_shot + auto + fast`` and ``recommend/diverse + auto + fast`` what remains is
    ``zero_shot`` and ``diverse``. A label of one part stays, as do all where names would be ambiguous.
    """
    parts = {label: label.rpartition(_HEAD)[2].split(_JOIN) for label in labels}
    joined = [each for each in parts.values() if len(each) > 1]
    if len({tuple(each) for each in joined}) < 2:
        return {label: label for label in labels}, ()
    # Prompts may be left out at the front, so that parts correspond from the end.
    shortest = min(map(len, joined))
    shared = [place for place in range(-shortest, 0) if len({each[place] for each in joined}) == 1]
    folders = {each[0].rpartition("/")[0] for each in joined if "/" in each[0]}
    folder = f"{folders.pop()}/" if len(folders) == 1 else ""
    names = {}
    for label, each in parts.items():
        if len(each) < 2:
            names[label] = label
            continue
        kept = [part for place, part in enumerate(each, start=-len(each)) if place not in shared]
        head = label[: len(label) - len(_JOIN.join(each))]
        names[label] = head + _JOIN.join(part.removeprefix(folder) for part in kept)
    if len(set(names.values())) < len(names) or not all(names.values()):
        return {label: label for label in labels}, ()
    return names, tuple(joined[0][place] for place in shared)
