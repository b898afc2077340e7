"""The evaluation sets that come with the package, with their licences and checksums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from agent.catalog import Catalog, Item, load_catalog
from eval.datasets.folder import digest, from_interactions, load_folder
from eval.datasets.records import EvalSet, Task
from eval.errors import DatasetError


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A shipped evaluation set.

    Attributes:
        name: What it is called.
        description: What it asks, in a sentence.
        task: What is asked.
        kind: What one item of its catalog is called.
        licence: Under which licence the data are.
        credit: Who made them.
        checksum: Of the data it was shipped with; None where they belong to an embedded catalog.
    """

    name: str
    description: str
    task: Task
    kind: str
    licence: str
    credit: str
    checksum: str | None = None


DATASETS = {
    info.name: info
    for info in (
        DatasetInfo(
            "redial",
            "The next movies that a person recommends in a conversation; five folds by dialogue.",
            "conversation",
            "movie",
            "CC BY 4.0; genres MIT",
            "ReDial, Li et al., NeurIPS 2018; genres from MovieTweetings, Dooms et al., 2013",
            "a684823b53eaaffa",
        ),
        DatasetInfo(
            "movies-history",
            "What users like next after their ratings so far, cut at one moment; validation and test parts.",
            "history",
            "movie",
            "MIT",
            "MovieTweetings, Dooms et al., CrowdRec 2013",
        ),
        DatasetInfo(
            "tools",
            "The packages of a list from its description; five folds by who maintains the list.",
            "completion",
            "package",
            "DFSG-free, the packages' own licences",
            "The Debian project and the maintainers of its packages",
            "7acb75351ae8e267",
        ),
        DatasetInfo(
            "recipes",
            "The one of five recipes that fits a request.",
            "choice",
            "recipe",
            "Apache-2.0",
            "Recipe-MPR, Zhang et al., SIGIR 2023",
            "5f6d27a2a564e54c",
        ),
    )
}
"""All shipped evaluation sets by name."""

FOLDER = Path(str(files("eval") / "datasets" / "data"))


def load_shipped(name: str, fold: int | str | None = None) -> EvalSet:
    """Load a shipped set; ``fold`` as in :func:`eval.datasets.load_dataset`.

    Raises:
        DatasetError: there is no such fold, or the package is damaged.
    """
    info = DATASETS[name]
    data = _LOADERS.get(name, _load_packaged)(name, fold)
    if info.checksum is not None and data.checksum != info.checksum:
        raise DatasetError(
            f"the data have the checksum {data.checksum}, not {info.checksum}",
            where=f"data set {name!r}",
            hint="the package is damaged: install it again",
        )
    return replace(data, task=info.task, licence=info.licence, credit=info.credit)


def _load_packaged(name: str, fold: int | str | None) -> EvalSet:
    return load_folder(FOLDER / name, name=name, fold=fold, kind=DATASETS[name].kind)


def _load_movies_history(name: str, fold: int | str | None) -> EvalSet:
    """The embedded catalog ``movies``, without the columns that were computed from all of its ratings."""
    movies = load_catalog("movies")
    items = [_without_ratings(item) for item in movies]
    catalog = Catalog(items, name=name, kind=movies.kind, interactions=movies.interactions)
    events = "\n".join(f"{e.user_id},{e.item_id},{e.value},{e.timestamp}" for e in movies.interactions)
    total = digest([("catalog", catalog.fingerprint.encode()), ("interactions", events.encode())])
    return from_interactions(EvalSet(name, "history", catalog, (), checksum=total), fold)


def _without_ratings(item: Item) -> Item:
    attributes = {name: value for name, value in item.attributes.items() if name != "rating"}
    return replace(item, popularity=0.0, attributes=attributes)


_LOADERS: dict[str, Callable[[str, int | str | None], EvalSet]] = {"movies-history": _load_movies_history}
