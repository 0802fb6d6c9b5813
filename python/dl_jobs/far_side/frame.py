"""The frames in which bytes pass between a controller and a worker (`lib/worker/frame.ts`)."""

import json
import re
from typing import Dict, Iterator, NamedTuple

RS = b"\x1e"
FRAME_END = b"\x1e\n"
_SUM_LENGTH = 10
_MAX_HEAD = 200
_MAX_BODY = 2**29
_HEAD = re.compile(rb'\{"[a-z]+":\d{1,15}(,"[a-z]+":\d{1,15}){0,5}\}\n')


class ProtocolError(Exception):
    """An error in the bytes of a channel, which must not be used."""


class Frame(NamedTuple):
    """A whole frame."""

    fields: Dict[str, int]
    head: bytes
    body: bytes


def make_frame(token: bytes, fields: Dict[str, int], body: bytes) -> bytes:
    """Returns the bytes of a frame, whose head gets the length of the body."""
    head = json.dumps({**fields, "bytes": len(body)}, separators=(",", ":")).encode() + b"\n"
    return RS + token + _checksum(head) + head + body + FRAME_END


def _checksum(head: bytes) -> bytes:
    """Returns the FNV-1a hash of a head, as ten digits."""
    value = 0x811C9DC5
    for byte in head:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return b"%d" % (2**32 + value)


class FrameReader:
    """Finds frames in a stream of bytes. Every frame must begin with the token of the channel."""

    def __init__(self, token: bytes) -> None:
        self._start = RS + token
        self._bytes = bytearray()

    def read(self, data: bytes) -> Iterator[Frame]:
        """Adds bytes, and yields the frames that are complete."""
        self._bytes += data
        at = 0
        try:
            while at < len(self._bytes):
                head_at = at + len(self._start) + _SUM_LENGTH
                self._check_start(at)
                body_at = self._bytes.find(b"\n", head_at, head_at + _MAX_HEAD) + 1
                if body_at == 0:
                    if len(self._bytes) - head_at > _MAX_HEAD:
                        raise ProtocolError("a block has no head")
                    return
                head = bytes(self._bytes[head_at:body_at])
                fields = _parse_head(head, self._bytes[head_at - _SUM_LENGTH : head_at])
                end = body_at + fields["bytes"]
                if end + len(FRAME_END) > len(self._bytes):
                    return
                if self._bytes[end : end + len(FRAME_END)] != FRAME_END:
                    raise ProtocolError("a block does not end where its head says")
                at = end + len(FRAME_END)
                yield Frame(fields, head, bytes(self._bytes[body_at:end]))
        finally:
            del self._bytes[:at]

    def _check_start(self, at: int) -> None:
        found = self._bytes[at : at + len(self._start)]
        if found != self._start[: len(found)]:
            raise ProtocolError("a block does not begin with the token of its worker")


def _parse_head(head: bytes, checksum: bytes) -> Dict[str, int]:
    if checksum == _checksum(head) and _HEAD.fullmatch(head):
        fields = json.loads(head)
        if fields.get("bytes", _MAX_BODY + 1) <= _MAX_BODY:
            return fields
    text = head[:80].rstrip().decode("utf-8", "replace")
    raise ProtocolError("a block has the invalid head " + json.dumps(text))
