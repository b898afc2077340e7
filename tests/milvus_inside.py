"""Milvus in a network namespace that has nothing but loopback, reached by a Unix socket.

Run as ``unshare --map-root-user --net python milvus_inside.py FOLDER SOCKET``. It says ``ready`` and goes on
until its standard input ends.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

from servers import HOST, join

_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40


def loopback_up() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP | _IFF_RUNNING))


def relay(door: socket.socket, port: int) -> None:
    while True:
        caller, _ = door.accept()
        line = socket.socket()
        with suppress(OSError):
            line.connect((HOST, port))
        join(caller, line)


def main(folder: Path, path: Path) -> None:
    loopback_up()
    from milvus import MilvusServer, MilvusServerConfig

    server = MilvusServer(MilvusServerConfig(), data_dir=str(folder / "data"))
    server.config.set("common.session.ttl", 3)  # seconds that a killed server is waited for by the next one
    try:
        server.start()
        path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(path))
        door.listen(64)
        threading.Thread(target=relay, args=(door, server.listen_port), daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        server.stop()
        path.unlink(missing_ok=True)
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
