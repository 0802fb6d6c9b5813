"""The events of one platform job, compressed to fit the platform's limit for results.

The format is described in `lib/engines/compute/result_archive.ts`.
"""

import gzip
import json
from typing import Any, Dict, List, Sequence

from .task_files import TaskFile
from .worker_death import TaskError, failure_line

# The uncompressed size of a part, in bytes.
_PART = 256 * 1024
# The bytes reserved for the last line.
_RESERVE = 4096
# The size limit of a platform job's result, in bytes.
_MAX_ARCHIVE = 1_000_000
_LENGTH = 4


class ResultArchive:
    """Collects events. A task whose event does not fit runs again in another platform job."""

    def __init__(self) -> None:
        self.is_full = False
        self._parts: List[bytes] = []
        self._size = 0
        self._open: List[bytes] = []
        self._open_size = 0

    def add(self, events: bytes) -> None:
        """Adds lines or a result block."""
        if self.is_full:
            return
        for piece in [events] if len(events) <= _PART else _each_line(events):
            if self._open_size + len(piece) > _PART:
                self._compress()
            self._open.append(piece)
            self._open_size += len(piece)

    def add_files(self, files: Sequence[TaskFile]) -> bool:
        """Adds files, before the events of their tasks.

        Returns false when the files would not fit into an empty archive; no file is then added.
        """
        if not files:
            return True
        heads = [json.dumps({"file": path}).encode() + b"\n" for path, _ in files]
        parts = [_part_of(head + data) for head, (_, data) in zip(heads, files)]
        size = sum(len(data) + _LENGTH for _, data in parts)
        if size > _MAX_ARCHIVE - _RESERVE:
            return False
        self._compress()
        self.is_full = self.is_full or self._size + size > _MAX_ARCHIVE - _RESERVE
        for part in parts:
            self._push(part)
        return True

    def fill(self) -> None:
        """Ends the archive after the events that were added."""
        self._compress()
        self.is_full = True

    def close(self, last: Dict[str, Any]) -> bytes:
        """Returns the archive with `last` as its last line."""
        self._compress()
        return b"".join([*self._parts, *_part_of(json.dumps(last).encode() + b"\n")])

    def _compress(self) -> None:
        lines = b"".join(self._open)
        self._open, self._open_size = [], 0
        if not lines:
            return
        part = _part_of(lines)
        if sum(map(len, part)) > _MAX_ARCHIVE - _RESERVE:
            part = _part_of(_too_long(lines))
        self._push(part)

    def _push(self, part: List[bytes]) -> None:
        size = sum(map(len, part))
        self.is_full = self.is_full or self._size + size > _MAX_ARCHIVE - _RESERVE
        if not self.is_full:
            self._parts += part
            self._size += size


def _part_of(text: bytes) -> List[bytes]:
    data = gzip.compress(text, 6)
    return [len(data).to_bytes(_LENGTH, "big"), data]


def _each_line(events: bytes) -> List[bytes]:
    """Splits a result block into one line per task, and other events into their lines."""
    lines = events.split(b"\n")[:-1]
    head = json.loads(lines[0]) if lines[0].startswith(b'{"id":') else {}
    if "count" not in head:
        return [line + b"\n" for line in lines]
    first = head["id"]
    return [b'{"id":%d,"result":%s}\n' % (first + i, line) for i, line in enumerate(lines[1:])]


def _too_long(line: bytes) -> bytes:
    """Returns a failure that replaces an event too long for any archive."""
    event = json.loads(line)
    what = "its return value has" if "result" in event else "its error has"
    advice = "write it to a file and return the address of the file"
    error = too_long_error(f"{what} {len(line)} bytes, and exceeds", advice)
    return failure_line(event["id"], event.get("attempt", 1), error)


def too_long_error(excess: str, advice: str) -> TaskError:
    """Returns the error of a task whose result does not fit into any archive."""
    limit = f"{_MAX_ARCHIVE} bytes when compressed"
    message = f"{excess} the platform's limit for a result, {limit}: {advice}"
    return {"message": message, "type": "TooLong", "class": "error"}
