"""llama.cpp's own server, with its OpenAI-compatible API, in a process of its own.

Run as ``python llama_server.py MODEL.gguf PORT``; it says ``ready`` and goes on until its input ends.
"""

from __future__ import annotations

import sys

import xllamacpp


def main(model: str, port: int) -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {"smollm2"}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    parameters.ui = False
    server = xllamacpp.Server(parameters)
    print("ready", server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
