"""A client of the wire, by hand from docs/wire.md: what no well-behaved client sends can be sent with it."""

import json
import socket
import struct

HELLO, WELCOME, ERROR, ASK, ANSWERS = 0x01, 0x02, 0x03, 0x10, 0x11
WATCH, COVER, COVER_TAKEN, REPORT, REPORT_TAKEN, COMMAND, RESULT = 0x20, 0x21, 0x22, 0x30, 0x31, 0x40, 0x41
PING, PONG = 0x50, 0x51
PROVE, CHALLENGE, TICKET, PROVEN = 0x60, 0x61, 0x62, 0x63
MAGIC = 0x415A5221
READ, TRAVERSE, MOVE = 1, 2, 3
VERDICTS = {1: "allow", 2: "deny", 3: "native"}


def frame(kind, request, body=b""):
    return struct.pack(">IBI", 5 + len(body), kind, request) + body


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def hello(lowest=1, highest=1, magic=MAGIC, name="test"):
    return frame(HELLO, 0, struct.pack(">IHH", magic, lowest, highest) + text(name))


def question(principal, path, operation=READ, destination=None, context=None, handles=()):
    """`handles` are in hexadecimal digits."""
    flags = (2 if destination is not None else 0) | (8 if context is not None else 0) | (64 if handles else 0)
    body = struct.pack(">BB", operation, flags) + text(principal) + text(path)
    if destination is not None:
        body += text(destination)
    if context is not None:
        body += text(context)
    if handles:
        body += struct.pack(">B", len(handles)) + b"".join(map(bytes.fromhex, handles))
    return body


def ask(request, *questions):
    return frame(ASK, request, struct.pack(">H", len(questions)) + b"".join(questions))


class Wire:
    """One connection. `closed` is what `receive` returns when the service ended it."""

    closed = (None, None, b"")

    def __init__(self, path, greet=True):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        if greet:
            self.send(hello())
            kind, _, body = self.receive()
            assert kind == WELCOME, (kind, body)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def end_input(self):
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self):
        """The next frame, as (type, request, body)."""
        head = self._exactly(9)
        if head is None:
            return self.closed
        length, kind, request = struct.unpack(">IBI", head)
        return kind, request, self._exactly(length - 5)

    def error(self):
        """The next frame, which has to be an error: (code, whether the connection ends, message)."""
        kind, _, body = self.receive()
        assert kind == ERROR, (kind, body)
        code, ends, length = struct.unpack(">HBH", body[:5])
        return code, bool(ends), body[5:5 + length].decode()

    def command(self, document):
        """What a command gives: its outcome, or the words of the error that refuses it."""
        self.send(frame(COMMAND, 5, b"\0" + json.dumps(document).encode()))
        kind, request, body = self.receive()
        assert request == 5 and kind in (RESULT, ERROR), (kind, request, body)
        if kind == ERROR:
            return {"error": (struct.unpack(">H", body[:2])[0], body[5:].decode())}
        assert body[0] == 2, "a short result"
        return json.loads(body[1:])

    def challenge(self):
        """Asks for a challenge, and takes it."""
        self.send(frame(PROVE, 6))
        kind, request, body = self.receive()
        assert (kind, request, len(body)) == (CHALLENGE, 6, 32), (kind, request, body)
        return body

    def show(self, token):
        """Shows a ticket: (milliseconds of its end, principal, the service's token)."""
        self.send(frame(TICKET, 6, token))
        kind, request, body = self.receive()
        assert (kind, request) == (PROVEN, 6), (kind, request, body)
        end, length = struct.unpack(">qH", body[:10])
        return end, body[10:10 + length].decode(), body[10 + length:]

    def decide(self, principal, path, operation=READ, destination=None, context=None, handles=()):
        """Asks one question: (decision, reason code, message)."""
        self.send(ask(7, question(principal, path, operation, destination, context, handles)))
        kind, request, body = self.receive()
        assert (kind, request) == (ANSWERS, 7), (kind, request, body)
        return answers(body)[0]

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self._socket.recv(count - len(data))
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            data += piece
        return data


def answers(body):
    """The answers in the body of an `answers` frame: (decision, reason code, message) each."""
    (count,) = struct.unpack(">H", body[:2])
    found, position = [], 2
    for _ in range(count):
        verdict, reason = body[position], body[position + 1]
        position += 16
        (length,) = struct.unpack(">H", body[position:position + 2])
        position += 2 + length
        (length,) = struct.unpack(">H", body[position:position + 2])
        message = body[position + 2:position + 2 + length].decode()
        position += 2 + length
        found.append((VERDICTS[verdict], reason, message))
    assert position == len(body)
    return found
