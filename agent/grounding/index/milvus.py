"""Vectors in Milvus."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from agent.errors import SettingsError, VectorEngineError
from agent.grounding.index.remote import FEW, RemoteIndex

_BATCH_BYTES = 4 << 20
_QUERIES = 256
_MOST = 16384
"""Results that Milvus gives a query at most."""
_SLACK = 8
_BREADTH = 128
_NOT_LOADED = 101
_LINKS, _BUILD = 32, 200


class MilvusIndex(RemoteIndex):
    """An index in a collection of Milvus (2.3 or newer), by inner product.

    Replicas upload into collections of their own names; the first one that is complete gets the alias by
    which all of them search, and the others are dropped.

    Args:
        vectors: See :class:`RemoteIndex`.
        address: ``milvus://[user:password@]host:port[/database][?index=flat|hnsw&secure=true]``; a token may
            stand for user and password. ``flat`` is exact.
        options: See :class:`RemoteIndex`.

    Raises:
        SettingsError: the address is not complete, or pymilvus is not installed.
    """

    kinds = ("flat", "hnsw")

    def __init__(self, vectors: np.ndarray, address: str, **options: Any) -> None:
        super().__init__(vectors, address, **options)
        self._milvus = _import_pymilvus()
        parts = urlsplit(self._address)
        if not parts.hostname or not parts.port:
            raise SettingsError(
                "the address of Milvus has no host or port",
                where="GROUNDREC_VECTORS",
                hint="write milvus://localhost:19530",
            )
        scheme = "https" if self._options.get("secure") == "true" else "http"
        self._connection = {
            "uri": f"{scheme}://{parts.hostname}:{parts.port}",
            "token": unquote(parts.netloc.rpartition("@")[0]),
            "db_name": parts.path.strip("/"),
        }
        self._client: Any = None

    def _prepare(self) -> None:
        if self._client is not None:
            self._client.close()
        client = self._milvus.MilvusClient(**self._connection, timeout=self._timeout, dedicated=True)
        if not client.has_collection(self.name):
            self._upload(client)
        client.load_collection(self.name, timeout=self._timeout)
        held = client.get_collection_stats(self.name)["row_count"]
        if held != len(self):
            raise VectorEngineError(
                f"the collection {self.name} holds {held} vectors and not {len(self)}",
                where=self.where,
                hint="drop its alias, and it is uploaded anew",
            )
        self._client = client

    def _upload(self, client: Any) -> None:
        """Fill a collection, and give it the alias where no other replica was faster."""
        ours = f"{self.name}_{secrets.token_hex(4)}"
        kinds = self._milvus.DataType
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", kinds.INT64, is_primary=True)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=self._vectors.shape[1])
        client.create_collection(ours, schema=schema)
        try:
            step = max(1, _BATCH_BYTES // (4 * self._vectors.shape[1]))
            for start in range(0, len(self), step):
                part = np.asarray(self._vectors[start : start + step], dtype=np.float32)
                client.insert(
                    ours, [{"row": start + i, "vector": vector} for i, vector in enumerate(part)], timeout=60
                )
            client.flush(ours, timeout=600)
            index = client.prepare_index_params()
            links = {"M": _LINKS, "efConstruction": _BUILD} if self.kind == "hnsw" else {}
            index.add_index("vector", index_type=self.kind.upper(), metric_type="IP", params=links)
            client.create_index(ours, index, timeout=3600)
            client.load_collection(ours, timeout=600)
            client.create_alias(ours, self.name)
        except BaseException as error:
            with suppress(self._milvus.MilvusException):
                client.drop_collection(ours)
            if not isinstance(error, self._milvus.MilvusException) or not client.has_collection(self.name):
                raise  # else another replica was faster, and dropped ours
        else:
            self._drop_others(client, ours)

    def _drop_others(self, client: Any, used: str) -> None:
        """Drop collections of these vectors without the alias: they are incomplete, or not needed."""
        with suppress(self._milvus.MilvusException):
            for collection in client.list_collections():
                if collection.startswith(f"{self.name}_") and collection != used:
                    client.drop_collection(collection)

    def _search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        if allowed is None:
            return self._among(queries, k, len(self), None)
        rows = np.flatnonzero(allowed)
        if len(rows) <= FEW:
            return self._among(queries, k, len(rows), rows)
        found = self._overfetched(queries, k, allowed)
        short = [place for place, (near, _) in enumerate(found) if len(near) < k]
        if short:
            for place, answer in zip(short, self._part_by_part(queries[short], k, rows), strict=True):
                found[place] = answer
        return found

    def _part_by_part(
        self, queries: np.ndarray, k: int, rows: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """The best of many rows that are rare among the nearest: all are named to the server, in parts."""
        parts = [rows[start : start + FEW] for start in range(0, len(rows), FEW)]
        answers = [self._among(queries, min(k, len(part)), len(part), part) for part in parts]
        return [
            (
                np.concatenate([near for near, _ in of_query]),
                np.concatenate([products for _, products in of_query]),
            )
            for of_query in zip(*answers, strict=True)
        ]

    def _overfetched(
        self, queries: np.ndarray, k: int, allowed: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """The allowed ones of so many rows that ``k`` are expected among them; of more where they are not."""
        wanted = k * len(self) // int(allowed.sum())
        while True:
            wanted = min(_MOST, len(self), 2 * wanted)
            found = self._among(queries, wanted, len(self), None)
            kept = [(near[allowed[near]], products[allowed[near]]) for near, products in found]
            if wanted >= min(_MOST, len(self)) or all(len(near) >= k for near, _ in kept):
                return kept

    def _among(
        self, queries: np.ndarray, k: int, total: int, rows: np.ndarray | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """The ``k`` best of some rows, and what ties with the last of them."""
        most = min(_MOST, total)
        limit = min(most, k + _SLACK)
        while True:
            found = self._ask(queries, limit, rows)
            tied = any(len(p) >= min(k, most) > 0 and p[-1] == p[min(k, most) - 1] for _, p in found)
            if limit == most or not tied:
                return found
            limit = min(most, 4 * limit)

    def _ask(
        self, queries: np.ndarray, limit: int, rows: np.ndarray | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        options = {
            "limit": limit,
            "filter": "" if rows is None else f"row in [{','.join(map(str, rows.tolist()))}]",
            "search_params": {
                "metric_type": "IP",
                "params": {"ef": max(_BREADTH, limit)} if self.kind == "hnsw" else {},
            },
            # The vectors never change once the alias is there, so there is nothing to wait for.
            "consistency_level": "Eventually",
            "timeout": self._timeout,
        }
        answers: list[Any] = []
        for start in range(0, len(queries), _QUERIES):
            data = list(queries[start : start + _QUERIES])
            try:
                answers += self._client.search(self.name, data, **options)
            except self._milvus.MilvusException as error:
                if error.code != _NOT_LOADED:
                    raise
                self._client.load_collection(self.name, timeout=self._timeout)  # the server was started anew
                answers += self._client.search(self.name, data, **options)
        return [
            (
                np.array([hit["id"] for hit in hits], dtype=np.int64),
                np.array([hit["distance"] for hit in hits], dtype=np.float32),
            )
            for hits in answers
        ]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._milvus.MilvusException as error:
            raise self._failure(error) from error


def _import_pymilvus() -> Any:
    try:
        import pymilvus
    except ImportError as error:
        raise SettingsError(
            "pymilvus is not installed",
            where="GROUNDREC_VECTORS",
            hint="run: pip install 'groundrec[milvus]'",
        ) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it prints what it raises
    return pymilvus
