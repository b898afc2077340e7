"""Adapters: what `groundrec tune` learned for one language model, found, checked and put into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.catalog import Catalog
from agent.errors import AdapterError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FORMAT = 1
CARD, CURRENT, ITEMS, VERSIONS = "adapter.json", "current", "items.json", "versions"
_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_SAMPLE, _SAMPLES = 1 << 16, 64
_NAMED = 3


@dataclass(frozen=True)
class Adapter:
    """Weights that are added to those of a base model (LoRA, Hu et al., ICLR 2022).

    Attributes:
        folder: Holds the weights in the layout of ``peft``, and our card where we made them.
        version: The name of the version, or of the folder where it has none.
        card: What it was made from and what it is worth; empty where somebody else made it.
    """

    folder: Path
    version: str
    card: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """Identifies the weights: the version and eight digits of their hash."""
        digest = hashlib.sha256((self.folder / _WEIGHTS).read_bytes()).hexdigest()
        return f"{self.version}-{digest[:8]}"

    @classmethod
    def open(cls, folder: Path) -> Adapter:
        """The adapter in a folder: its current version, or the one that the folder is of.

        Raises:
            AdapterError: there is none, or it is damaged or of another format.
        """
        found = folder.expanduser()
        if (found / CURRENT).is_file():
            found = found / VERSIONS / (found / CURRENT).read_text("utf-8").strip()
        for name in (_CONFIG, _WEIGHTS):
            if not (found / name).is_file():
                raise AdapterError(f"holds no adapter: {name} is missing", where=str(found), hint=_HINT)
        if not (found / CARD).is_file():
            return cls(found, found.resolve().name, {})
        try:
            card = json.loads((found / CARD).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise AdapterError(f"is damaged: {error}", where=str(found / CARD)) from None
        if not isinstance(card, dict) or card.get("format") != FORMAT:
            kind = card.get("format") if isinstance(card, dict) else None
            raise AdapterError(f"has format {kind!r}, this version reads {FORMAT}", where=str(found / CARD))
        return cls(found, found.name, card)

    def check_base(self, folder: Path, name: str) -> None:
        """Refuse a model that the adapter was not made for.

        Raises:
            AdapterError: the weights in ``folder`` are others.
        """
        base = self.card.get("base", {})
        if base and base["fingerprint"] != fingerprint(folder):
            raise AdapterError(
                f"was made for {base['name']} ({base['fingerprint']}), not for {name} "
                f"({fingerprint(folder)})",
                where=str(self.folder),
                hint=f"load {base['name']} with it, or tune {name}",
            )

    def changes(self, catalog: Catalog) -> str | None:
        """How a catalog differs from the one that the adapter has seen; None where it is the same."""
        if not (self.folder / ITEMS).is_file() or self.card.get("catalog", {}).get("fingerprint") == (
            catalog.fingerprint
        ):
            return None
        seen = json.loads((self.folder / ITEMS).read_text("utf-8"))
        now = {item.id: item.title for item in catalog}
        differences = {
            "new": [now[i] for i in now if i not in seen],
            "gone": [seen[i] for i in seen if i not in now],
            "renamed": [now[i] for i in now if i in seen and seen[i] != now[i]],
        }
        told = [
            f"{len(titles):,} {what} ({'; '.join(titles[:_NAMED])}{', ...' if len(titles) > _NAMED else ''})"
            for what, titles in differences.items()
            if titles
        ]
        return ", ".join(told) or None

    def into(self, model: PreTrainedModel, *, merge: bool) -> PreTrainedModel:
        """A model with the adapter's weights: added to its own, or beside them where those are quantised.

        Raises:
            AdapterError: it does not fit the model, is damaged, or ``peft`` is not installed.
        """
        try:
            from peft import PeftModel
        except ImportError:
            raise AdapterError(
                "adapters need the library peft", where=str(self.folder), hint="pip install 'groundrec[tune]'"
            ) from None
        try:
            tuned = PeftModel.from_pretrained(model, str(self.folder))
        except Exception as error:  # whatever a broken or foreign file leads to in the libraries underneath
            first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise AdapterError(f"cannot be put into the model: {first}", where=str(self.folder)) from error
        return tuned.merge_and_unload() if merge else tuned.get_base_model()


_HINT = "give a folder that `groundrec tune` or peft wrote"


def fingerprint(folder: Path) -> str:
    """16 hex digits that tell models apart: of the configuration, and of samples of the weights."""
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        digest.update(f"{path.name if path.suffix == '.json' else ''}{size}".encode())
        with path.open("rb") as file:
            for place in range(_SAMPLES):
                file.seek(place * size // _SAMPLES)
                digest.update(file.read(_SAMPLE))
    return digest.hexdigest()[:16]
