"""Kills the service under load from many connections."""

import random
import socket
import struct
import threading
import time

from sidecar import Sidecar

from .comparing import compare, configure, verify

POLICIES = """\
users: [{name: alice, principal: alice@EXAMPLE.COM}]
data-sources: [{name: sales, kind: files, directories: [/data/sales], subscription: {users: [alice]}}]
"""
ROUNDS = 300
QUESTIONS = 8
IN_FLIGHT = 4
# Seconds under load, at least and at most.
MOMENTS = (0.005, 0.3)
# Segments that are verified after each kill; all of them are every 20 kills.
NEWEST = 4


class ServiceCrashes:
    def __init__(self, directory, arguments):
        self._sidecar = Sidecar(directory)
        configure(self._sidecar, arguments.durability)
        self._rounds = arguments.rounds or ROUNDS
        self._connections = arguments.connections
        self._durability = arguments.durability
        self._chance = random.Random(arguments.seed)

    def run(self):
        """Returns what was done, in words."""
        sidecar = self._sidecar
        sidecar.start()
        sidecar.apply(POLICIES)
        total = 0
        begin = time.monotonic()
        try:
            for number in range(self._rounds):
                received = self._round(number)
                # Before the repair: the end may be torn, and nothing else.
                verify(sidecar, NEWEST)
                sidecar.start()
                recorded = [record["path"] for record in sidecar.audit(path=f"/data/sales/{number}", limit=10_000_000)]
                compare(received, recorded)
                verify(sidecar, NEWEST)
                total += len(received)
                if number % 20 == 19 or number == self._rounds - 1:
                    records = verify(sidecar)
                    print(
                        f"{number + 1} kills: {total:,} answers received, {records:,} records, none lost, none twice",
                        flush=True)
        finally:
            sidecar.kill()
        return (
            f"{self._rounds} kills of the service with durability `{self._durability}` in "
            f"{time.monotonic() - begin:,.0f} s: {total:,} answers received over {self._connections} connections, all "
            f"recorded, each once; {records:,} records; `audit verify` content each time")

    def _round(self, number):
        """One kill. Returns the paths whose answers were received."""
        clients = [_Client(self._sidecar.socket, f"/data/sales/{number}/{n}") for n in range(self._connections)]
        for client in clients:
            client.start()
        clients[0].join(self._chance.uniform(*MOMENTS))
        self._sidecar.kill()
        for client in clients:
            client.join()
        return [path for client in clients for path in client.received]


class _Client(threading.Thread):
    """One connection that asks for one path after another below its own, until it breaks."""

    def __init__(self, path, prefix):
        super().__init__(daemon=True)
        self._path = path
        self._prefix = prefix
        self.received = []

    def run(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(30)
                connection.connect(str(self._path))
                self._converse(connection, connection.makefile("rb"))
        except (OSError, EOFError):
            pass

    def _converse(self, connection, stream):
        connection.sendall(_frame(0x01, 0, struct.pack(">IHH", 0x415A5221, 1, 1) + _text("crashes")))
        _read(stream)
        asked = []
        for request in range(1 << 20):
            paths = [f"{self._prefix}/{request}/{n}" for n in range(QUESTIONS)]
            asked.append(paths)
            questions = b"".join(b"\x01\x00" + _text("alice@EXAMPLE.COM") + _text(path) for path in paths)
            connection.sendall(_frame(0x10, request, struct.pack(">H", QUESTIONS) + questions))
            if request >= IN_FLIGHT:
                kind, answered, _ = _read(stream)
                if kind != 0x11:
                    return
                self.received += asked[answered]


def _text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def _frame(kind, request, body):
    return struct.pack(">IBI", 5 + len(body), kind, request) + body


def _read(stream):
    """The next frame, whole, as (type, request, body)."""
    head = stream.read(9)
    if len(head) < 9:
        raise EOFError
    length, kind, request = struct.unpack(">IBI", head)
    body = stream.read(length - 5)
    if len(body) < length - 5:
        raise EOFError
    return kind, request, body
