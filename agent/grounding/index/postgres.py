"""Vectors in PostgreSQL, with pgvector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from agent.errors import SettingsError
from agent.grounding.index.remote import FEW, RemoteIndex

_CONNECTIONS = 8
_BREADTH, _BROADEST = 128, 1000
_LINKS, _BUILD = 32, 200


class PostgresIndex(RemoteIndex):
    """An index in a table of PostgreSQL with the extension pgvector (0.8 or newer), by inner product.

    The table is made, filled and indexed in one transaction under a lock, so it is whole or not there.

    Args:
        vectors: See :class:`RemoteIndex`.
        address: ``postgresql://user:password@host:port/database[?index=exact|hnsw]``, with the parameters of
            libpq.
        options: See :class:`RemoteIndex`.

    Raises:
        SettingsError: psycopg is not installed.
    """

    kinds = ("exact", "hnsw")

    def __init__(self, vectors: np.ndarray, address: str, **options: Any) -> None:
        super().__init__(vectors, address, **options)
        self._psycopg, self._pgvector, self._pools = _import_clients()
        scheme, rest = self._address.split("://", 1)
        self._address = f"{scheme.split('+')[0]}://{rest}"
        self._pool: Any = None

    def _prepare(self) -> None:
        patience = {"connect_timeout": max(1, round(self._timeout))}
        with self._psycopg.connect(self._address, **patience) as connection:
            # One lock for all vectors: making the extension twice at a time fails.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('groundrec_vectors'))")
            if connection.execute("SELECT to_regtype('vector')").fetchone()[0] is None:
                connection.execute("CREATE EXTENSION vector")
            if connection.execute("SELECT to_regclass(%s)", [self.name]).fetchone()[0] is None:
                self._fill(connection)
        if self._pool is None:
            self._pool = self._pools.ConnectionPool(
                self._address,
                min_size=0,
                max_size=_CONNECTIONS,
                timeout=self._timeout,
                kwargs=patience,
                configure=self._configure,
                check=self._pools.ConnectionPool.check_connection,
                reconnect_timeout=self._timeout,
                open=True,
            )

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.close()
            self._pool, self._prepared = None, False

    def _fill(self, connection: Any) -> None:
        dimension = self._vectors.shape[1]
        self._pgvector.register_vector(connection)
        connection.execute(
            f"CREATE TABLE {self.name} (row integer PRIMARY KEY, vector vector({dimension}) NOT NULL)"
        )
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {self.name} (row, vector) FROM STDIN WITH (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["int4", "vector"])
            for row, vector in enumerate(self._vectors):
                copy.write_row((row, np.asarray(vector, dtype=np.float32)))
        if self.kind == "hnsw":
            connection.execute(
                f"CREATE INDEX ON {self.name} USING hnsw (vector vector_ip_ops) "
                f"WITH (m = {_LINKS}, ef_construction = {_BUILD})"
            )
        connection.execute(f"ANALYZE {self.name}")

    def _configure(self, connection: Any) -> None:
        self._pgvector.register_vector(connection)
        connection.execute(f"SET statement_timeout = {round(self._timeout * 1000)}")
        if self.kind == "hnsw":
            connection.execute("SET hnsw.iterative_scan = strict_order")
            connection.execute(f"SET hnsw.max_scan_tuples = {max(1, len(self))}")
        connection.commit()

    def _search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        statement, parameters = self._statement(k, allowed)
        found = []
        with self._pool.connection() as connection:
            if self.kind == "hnsw":
                breadth = min(_BROADEST, max(_BREADTH, k))
                connection.execute(f"SET LOCAL hnsw.ef_search = {breadth}")
            for query in queries:
                answer = connection.execute(statement, {**parameters, "query": query, "k": k}, binary=True)
                pairs = answer.fetchall()
                found.append(
                    (
                        np.array([row for row, _ in pairs], dtype=np.int64),
                        np.array([product for _, product in pairs], dtype=np.float32),
                    )
                )
        return found

    def _statement(self, k: int, allowed: np.ndarray | None) -> tuple[str, dict[str, Any]]:
        """The query and the parameters that the mask needs."""
        source, where, parameters = self.name, "", dict[str, Any]()
        if allowed is not None and int(allowed.sum()) <= max(FEW, k):
            # Few are looked at one by one: a walk of the graph would have to pass by all the others.
            source = f"(SELECT * FROM {self.name} WHERE row = ANY(%(rows)s) OFFSET 0) AS few"
            parameters["rows"] = np.flatnonzero(allowed).tolist()
        elif allowed is not None:
            where = "WHERE get_bit(%(mask)s::bytea, row) = 1"
            parameters["mask"] = np.packbits(allowed, bitorder="little").tobytes()
        order = "vector <#> %(query)s" + ("" if self.kind == "hnsw" else ", row")
        return (
            f"SELECT row, -(vector <#> %(query)s) FROM {source} {where} ORDER BY {order} LIMIT %(k)s",
            parameters,
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            raise self._failure(error) from error


def _import_clients() -> tuple[Any, Any, Any]:
    try:
        import pgvector.psycopg
        import psycopg
        import psycopg_pool
    except ImportError as error:
        raise SettingsError(
            "psycopg and pgvector are not installed",
            where="GROUNDREC_VECTORS",
            hint="run: pip install 'groundrec[postgres]'",
        ) from error
    return psycopg, pgvector.psycopg, psycopg_pool
