"""Where systems are made; at most one language model is held at a time."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent import Recommender
from agent.grounding import Embedder, Grounder, embed_catalog, load_embedder
from agent.lm import LanguageModel, load_model
from agent.parts import Progress
from agent.settings import Settings, Strategy
from eval.cells import Cell
from eval.datasets import EvalSet
from eval.errors import StoreError
from eval.protocols import RecommenderSystem, System
from eval.runner.asked import Fold
from eval.runner.entries import Entry, prompt_hashes, switches
from eval.runner.floors import embeds, make_floor, make_lm_alone
from eval.runner.folder import RunFolder
from eval.runner.outputs import OutputsSystem, file_hash, read_outputs
from eval.variants import AS_GIVEN, ReorderedLibrary, Variant


class RememberedEmbedder:
    """An embedder that is loaded when something has to be embedded; its name is known before.

    Scoring reads embeddings that are on disk, and must not wait for a model that it never asks.
    """

    def __init__(self, name: str, dimension: int, asked: str, settings: Settings) -> None:
        self.name, self.dimension = name, dimension
        self._asked, self._settings = asked, settings
        self._loaded: Embedder | None = None

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """Embed texts; see :class:`agent.grounding.Embedder`.

        Raises:
            StoreError: there is another embedder behind the name now.
        """
        if self._loaded is None:
            self._loaded = load_embedder(self._asked, settings=self._settings)
            _check_same(self._asked, self.name, self._loaded.name)
        return self._loaded.encode(texts, progress=progress)


class Bench:
    """Makes the systems of a run.

    Args:
        folder: The run; it remembers which weights a name stands for.
        settings: Of the installation.
        embedder: A sentence embedder or the name of one; that of the settings by default.
        models: Language models that need not be loaded, by the name that the matrix calls them.
        progress: Told how far loading and embedding are.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: Settings,
        *,
        embedder: Embedder | str | None = None,
        models: Mapping[str, LanguageModel] | None = None,
        progress: Progress | None = None,
    ) -> None:
        matrix = folder.matrix
        changes = {"locale": matrix.locale, "prompts_dir": matrix.prompts_dir or settings.prompts_dir}
        self.settings = settings.model_copy(update=changes)
        self.prompts = ReorderedLibrary(self.settings.prompts_dir)
        self._folder, self._progress = folder, progress
        self._given = dict(models or {})
        self._embedder_asked = embedder or settings.embedder
        self._embedder: Embedder | None = None
        self._model: tuple[str, LanguageModel] | None = None
        self._recommenders: dict[int, Recommender] = {}
        self._recommenders_of: tuple[str | None, str] | None = None

    @property
    def embedder(self) -> Embedder:
        """The sentence embedder, loaded when it is first used."""
        if self._embedder is None:
            self._embedder = self._find_embedder()
        return self._embedder

    def weights(self, asked: str) -> str:
        """The name of the weights behind a model's name; loads the model where it is not known."""
        known = self._folder.manifest.models
        return known[asked] if asked in known else self.model(asked).name

    def knows(self, entry: Entry) -> bool:
        """Whether the weights that an entry asks for are known without loading them."""
        return entry.model is None or entry.model in self._folder.manifest.models

    def model(self, asked: str) -> LanguageModel:
        """A language model; the one that was loaded before is let go of.

        Raises:
            StoreError: there are other weights behind the name than when the run was begun.
            ModelError: it cannot be loaded.
        """
        if asked in self._given:
            model = self._given[asked]
        elif self._model is not None and self._model[0] == asked:
            return self._model[1]
        else:
            self._model = None
            self._recommenders.clear()
            gc.collect()
            progress = self._progress
            tell = None if progress is None else lambda what: progress(what, 0, 0)
            model = load_model(asked, settings=self.settings, progress=tell)
            self._model = (asked, model)
        known = self._folder.manifest.models
        if asked not in known:
            known[asked] = model.name
            self._folder.save()
        _check_same(asked, known[asked], model.name)
        return model

    def identity(self, entry: Entry, variant: Variant = AS_GIVEN) -> dict[str, Any]:
        """All that an entry's answers hang on, but for the data, the seed and the order; JSON-ready.

        Raises:
            UnknownPromptError: a prompt does not exist.
            GroundrecError: a model or a file cannot be read.
        """
        if entry.outputs is not None:
            return {"outputs": self._outputs_hash(entry.outputs.file)}
        model = {
            "model": None if entry.model is None else self.weights(entry.model),
            "prompts": self.prompt_hashes(entry, variant),
        }
        if entry.cell is None:
            embedder = self.embedder.name if embeds(entry.label) else None
            return {"floor": entry.label, "embedder": embedder, **model}
        return {
            **model,
            "strategy": switches(_strategy(entry.cell, variant)),
            "locale": self.settings.locale,
            "embedder": self.embedder.name,
        }

    def prompt_hashes(self, entry: Entry, variant: Variant = AS_GIVEN) -> dict[str, str]:
        """Hash by name of every prompt that an entry may render."""
        if entry.model is None:
            return {}
        strategy = Strategy(scorer="none", understand="rules")
        if entry.cell is not None:
            strategy = _strategy(entry.cell, variant)
        return prompt_hashes(strategy, self.prompts, self.settings.locale)

    def system(self, entry: Entry, fold: Fold, seed: int, variant: Variant = AS_GIVEN) -> System:
        """What is asked the questions of a fold; whoever asks sees to the order of a variant."""
        if entry.outputs is not None:
            lines = read_outputs(entry.outputs.file)
            grounder = Grounder(fold.data.catalog, self.embedder, cache_dir=self.settings.cache_dir)
            return OutputsSystem(entry.label, lines, fold.data.catalog, grounder)
        if entry.cell is None:
            if entry.model is not None:
                return make_lm_alone(fold.data, self.model(entry.model), self.prompts)
            return make_floor(entry.label, fold.data, self.embedder, self.settings.cache_dir)
        recommender = self._recommender(fold.data, entry.model)
        strategy = _strategy(entry.cell, variant)
        return RecommenderSystem(recommender, strategy, name=entry.label, seed=seed, trace=True)

    def vectors(self, data: EvalSet) -> np.ndarray:
        """Embeddings of the items of a data set, from disk where they are there."""
        return embed_catalog(data.catalog, self.embedder, self.settings.cache_dir, progress=self._progress)

    def _outputs_hash(self, file: Path) -> str:
        """A hash of stored outputs; the one they had where they are gone, for their answers are kept."""
        known = self._folder.manifest.outputs
        if file.exists() or str(file) not in known:
            known[str(file)] = file_hash(file)
            self._folder.save()
        return known[str(file)]

    def _recommender(self, data: EvalSet, asked: str | None) -> Recommender:
        """The recommender over a part of a data set; those of one model and data set are kept."""
        model = None if asked is None else self.model(asked)
        if self._recommenders_of != (asked, data.name):
            self._recommenders.clear()
            self._recommenders_of = (asked, data.name)
        if id(data) not in self._recommenders:
            made = Recommender(
                data.catalog,
                model,
                embedder=self.embedder,
                dialogues=data.memory,
                prompts=self.prompts,
                settings=self.settings,
                progress=self._progress,
            )
            # What the first answer would wait for is none of its own time.
            _ = made.parts.sources, made.parts.rules
            _ = model is None or made.parts.generator
            self._recommenders[id(data)] = made
        return self._recommenders[id(data)]

    def _find_embedder(self) -> Embedder:
        if not isinstance(self._embedder_asked, str):
            return self._embedder_asked
        asked, known = self._embedder_asked, self._folder.manifest.embedders
        if asked in known:
            return RememberedEmbedder(*known[asked], asked, self.settings)
        loaded = load_embedder(asked, settings=self.settings)
        known[asked] = (loaded.name, loaded.dimension)
        self._folder.save()
        return loaded


def _strategy(cell: Cell, variant: Variant) -> Strategy:
    """How a cell makes its lists when it is asked in this way."""
    if variant.paraphrase is None:
        return cell.strategy
    return cell.strategy.model_copy(update={cell.prompted: variant.paraphrase})


def _check_same(asked: str, before: str, now: str) -> None:
    if before != now:
        raise StoreError(
            f"the run was begun with {before!r} behind the name {asked!r}, which is {now!r} now",
            hint="answers of other weights are not mixed: name another folder with --out",
        )
