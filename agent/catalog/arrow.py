"""Rows of Parquet files and of Hugging Face data sets, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.catalog.problems import unreadable
from agent.catalog.tables import Table
from agent.errors import CatalogError

_BATCH = 1000


def parquet_table(stream: Any, file: str) -> Table:
    """The rows of a Parquet file, open in binary.

    Raises:
        CatalogError: it is not a Parquet file.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        source = parquet.ParquetFile(stream)
    except pyarrow.ArrowException as error:
        raise unreadable(file, f"not a Parquet file: {_first_line(error)}") from None
    return Table(tuple(source.schema_arrow.names), _rows(_batches(source, file), {}), typed=True)


def _batches(source: Any, file: str) -> Iterator[Any]:
    import pyarrow

    try:
        yield from source.iter_batches(batch_size=_BATCH)
    except pyarrow.ArrowException as error:
        raise unreadable(file, f"broken Parquet file: {_first_line(error)}") from None


def dataset_table(dataset: Any) -> Table:
    """The rows of a ``datasets.Dataset``; class labels become their names, images are not decoded."""
    labels = {
        name: feature.names for name, feature in dataset.features.items() if hasattr(feature, "int2str")
    }
    batches = dataset.with_format("arrow").iter(batch_size=_BATCH)
    return Table(tuple(dataset.column_names), _rows(batches, labels), typed=True)


def open_dataset(source: Any, split: str | None) -> Any:
    """A ``datasets.Dataset`` from one, a dictionary of splits, a folder or a name on the hub.

    Raises:
        CatalogError: there is no such data set or split, or it cannot be reached.
    """
    import datasets

    found = source if not isinstance(source, (str, Path)) else _load(source, split)
    if isinstance(found, datasets.DatasetDict):
        found = _split(found, split)
    if not isinstance(found, datasets.Dataset):
        raise unreadable(
            type(source).__name__,
            "not a catalog",
            "give a file, a folder, a data set's name or a datasets.Dataset",
        )
    return found


def _load(source: str | Path, split: str | None) -> Any:
    import datasets

    saved = {"state.json", "dataset_dict.json"}
    try:
        if Path(source).is_dir() and saved & {path.name for path in Path(source).iterdir()}:
            return datasets.load_from_disk(str(source))
        return datasets.load_dataset(str(source), split=split)
    except Exception as error:  # the library raises dozens of kinds, those of its transports among them
        raise _not_loaded(str(source), error) from error


def _not_loaded(source: str, error: Exception) -> CatalogError:
    if isinstance(error, (ConnectionError, TimeoutError)):
        return unreadable(
            source,
            f"no such file, and the Hugging Face hub cannot be reached: {_first_line(error)}",
            "check the path; offline, give a local file or folder (HF_HUB_OFFLINE=1 saves the wait)",
        )
    return unreadable(
        source,
        f"cannot be loaded as a data set: {_first_line(error)}",
        "check the name; where it has several configurations, load it yourself and pass the datasets.Dataset",
    )


def _split(splits: Mapping[str, Any], split: str | None) -> Any:
    names = ", ".join(splits)
    if split is None and len(splits) > 1:
        raise unreadable("data set", f"it has several splits: {names}", "choose one with split=")
    if split is not None and split not in splits:
        raise unreadable("data set", f"no split {split!r}", f"splits: {names}")
    return splits[split] if split is not None else next(iter(splits.values()))


def _rows(batches: Iterable[Any], labels: Mapping[str, list[str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            yield (
                number,
                {
                    name: _plain(value, labels.get(name))
                    for name, value in row.items()
                    if not name.startswith("__index_level_")
                },
            )


def _plain(value: Any, labels: list[str] | None = None) -> Any:
    """A value of Arrow as one of JSON: an image or sound as its path, other bytes as None."""
    match value:
        case date() | time():
            plain: Any = value.isoformat()
        case Decimal():
            plain = float(value)
        case bytes():
            plain = None
        case list():
            plain = [_plain(part, labels) for part in value]
        case {"bytes": _, "path": path, **rest} if not rest:
            plain = path
        case dict():
            plain = {name: _plain(part) for name, part in value.items()}
        case int() if labels is not None:
            plain = labels[value] if 0 <= value < len(labels) else None
        case _:
            plain = value
    return plain


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
