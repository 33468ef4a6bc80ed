"""Handles of delegation tokens, by hand from docs/grants.md: from the bytes that a client has, without Hadoop's classes."""

import base64
import hashlib
import pathlib
import struct


def handle(nameservice, identifier):
    """The handle of a token by its identifier, in hexadecimal digits."""
    name = nameservice.encode()
    return hashlib.sha256(struct.pack(">H", len(name)) + name + identifier).hexdigest()


def identifier_in(file):
    """The identifier of the one token in a token file (`Credentials.readTokenStorageStream` of Hadoop)."""
    data = pathlib.Path(file).read_bytes()
    assert data[:5] == b"HDTS\0", data[:5]
    count, position = _number(data, 5)
    assert count == 1, count
    _, position = _bytes(data, position)
    return _bytes(data, position)[0]


def identifier_of(text):
    """The identifier of a token as WebHDFS writes it (`Token.encodeToUrlString`)."""
    return _bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), 0)[0]


def _bytes(data, position):
    length, position = _number(data, position)
    return data[position:position + length], position + length


def _number(data, position):
    """A `WritableUtils` vint, not negative: (number, where the next field is)."""
    first = struct.unpack_from(">b", data, position)[0]
    if first >= -112:
        return first, position + 1
    size = -112 - first
    return int.from_bytes(data[position + 1:position + 1 + size], "big"), position + 1 + size
