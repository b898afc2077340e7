"""Serves sixteen films without any weights: ready in a few seconds, for tests that kill it.

    python tests/serve_films.py --port PORT --store STORE

It says the line that `groundrec serve` says.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from support import FILMS, WordEmbedder

from agent import Catalog, Recommender
from agent.serve.api.app import create_app
from agent.serve.api.settings import ApiSettings
from agent.serve.ops import logs, running
from agent.serve.service import Service
from agent.settings import Settings
from agent.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--store", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recommender = Recommender(
            Catalog(FILMS, name="films", kind="movie"),
            None,
            embedder=WordEmbedder(),
            strategy="fast,n=5",
            settings=Settings(cache_dir=Path(folder)),
        )
        service, settings = Service(recommender, Store.open(options.store)), ApiSettings()
        service.warm_up()
        logs.configure(as_json=True)
        running.run(
            create_app(service, settings),
            running.listen("127.0.0.1", options.port),
            settings,
            lambda port: print(f"groundrec serves films at http://127.0.0.1:{port}", flush=True),
        )


if __name__ == "__main__":
    main()
