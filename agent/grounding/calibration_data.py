"""Labelled pairs of titles and variants, for calibration."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

from agent.catalog import Catalog, Item
from agent.errors import CatalogError
from agent.grounding.normalise import split_tags
from agent.grounding.perturb import KINDS, perturb

MADE = "made:"
"""Before the kinds of variants that were made up by ``perturb``."""

_MADE_PER_ITEM = 2
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """A way of writing the title of an item of the calibration catalog."""

    item_id: str
    text: str
    kind: str

    @property
    def is_made(self) -> bool:
        """Whether it was made up and not found in use."""
        return self.kind.startswith(MADE)


@dataclass(frozen=True, slots=True)
class CalibrationData:
    """The catalog of the distinct canonical titles, and the variants in halves by a hash of the item id."""

    catalog: Catalog
    fit: tuple[Variant, ...]
    report: tuple[Variant, ...]


def read_pairs(path: Path) -> CalibrationData:
    """Read a TSV file with a header: item id, canonical title, variant, kind.

    Rows with the same canonical title are one item, of the first id. Two made-up variants an item are added.

    Raises:
        CatalogError: the file cannot be read, has no rows, or has rows without four filled columns.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"the pairs cannot be read ({error})", where=str(path)) from error
    rows = [(number, line.split("\t")) for number, line in enumerate(lines[1:], 2) if line.strip()]
    problems = [
        f"{path.name}:{number}: needs item id, canonical title, variant and kind"
        for number, row in rows
        if len(row) != _COLUMNS or not all(cell.strip() for cell in row)
    ]
    if problems or not rows:
        raise CatalogError(
            problems[0] if problems else "there are no pairs",
            where=str(path),
            hint="write one pair a line, four columns with tabs between, after a header",
            problems=problems,
        )
    ids: dict[str, str] = {}
    for _, (item_id, title, _, _) in rows:
        ids.setdefault(title, item_id)
    variants = [Variant(ids[title], text, kind) for _, (_, title, text, kind) in rows]
    variants += [v for title, item_id in ids.items() for v in made_variants(item_id, title)]
    halves: tuple[list[Variant], list[Variant]] = ([], [])
    for variant in variants:
        halves[half_of(variant.item_id)].append(variant)
    catalog = Catalog([Item(item_id, title) for title, item_id in ids.items()], name=path.stem)
    return CalibrationData(catalog, tuple(halves[0]), tuple(halves[1]))


def half_of(item_id: str) -> int:
    """0 for the items that are fitted on, 1 for those reported on."""
    return hashlib.blake2b(item_id.encode(), digest_size=1).digest()[0] % 2


def made_variants(item_id: str, title: str) -> list[Variant]:
    """Made-up variants of a title, the same for the same item."""
    chance = random.Random(item_id)
    tagged = split_tags(title)
    texts = [(k, perturb(tagged.title, tagged.year, k, chance)) for k in chance.sample(KINDS, _MADE_PER_ITEM)]
    return [Variant(item_id, text, MADE + kind) for kind, text in texts if text]
