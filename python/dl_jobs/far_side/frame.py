"""The frames in which bytes pass between a controller and a worker (`lib/worker/frame.ts`)."""

import json
import re
from typing import Dict, Iterator, NamedTuple, Optional

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
        frame = self._take()
        while frame is not None:
            yield frame
            frame = self._take()

    def _take(self) -> Optional[Frame]:
        """Removes the first frame; returns nothing while it is incomplete."""
        buffer, head_at = self._bytes, len(self._start) + _SUM_LENGTH
        if not buffer.startswith(self._start[: len(buffer)]):
            raise ProtocolError("a block does not begin with the token of its worker")
        body_at = buffer.find(b"\n", head_at, head_at + _MAX_HEAD) + 1
        if body_at == 0:
            if len(buffer) - head_at > _MAX_HEAD:
                raise ProtocolError("a block has no head")
            return None
        head = bytes(buffer[head_at:body_at])
        fields = _parse_head(head, buffer[head_at - _SUM_LENGTH : head_at])
        body_end = body_at + fields["bytes"]
        end = body_end + len(FRAME_END)
        if end > len(buffer):
            return None
        if buffer[body_end:end] != FRAME_END:
            raise ProtocolError("a block does not end where its head says")
        body = bytes(buffer[body_at:body_end])
        del buffer[:end]
        return Frame(fields, head, body)


def _parse_head(head: bytes, checksum: bytes) -> Dict[str, int]:
    if checksum == _checksum(head) and _HEAD.fullmatch(head):
        fields = json.loads(head)
        if fields.get("bytes", _MAX_BODY + 1) <= _MAX_BODY:
            return fields
    text = head[:80].rstrip().decode("utf-8", "replace")
    raise ProtocolError("a block has the invalid head " + json.dumps(text))
