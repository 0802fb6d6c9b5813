"""The worker's end of the channel to the controller (lib/worker/protocol.ts)."""

import os

# The modules "collections", "socket" and "threading" take several milliseconds to load.
import _socket
import _thread
from _collections import deque

from .arguments import decode
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Deque, Dict, List, NamedTuple, Optional

    class TaskFrame(NamedTuple):
        """Tasks with consecutive ids, one line of arguments each."""

        head: Dict[str, int]
        body: bytes


# The record separator before and after each frame.
_RS = b"\x1e"
_END = b"\x1e\n"
_SUM_LENGTH = 10
_MAX_HEAD = 200
_READ_SIZE = 256 * 1024
_MOST_JOINED = 1024 * 1024
# A high descriptor is out of reach of code that closes or writes to low ones.
_LEAST_FD = 500


class ProtocolError(Exception):
    """An error in the bytes of the channel, which must then not be used."""


class Channel:
    """Receives frames of tasks, and sends frames of responses."""

    def __init__(self, path: str, token: "Optional[str]" = None) -> None:
        """Connects to the controller before user code is loaded.

        Only this process has its stdout until then, so the controller takes the client that knows
        the token on stdout. A worker on a terminal receives its token in its options.
        """
        self.token = (token or os.urandom(18).hex()).encode()
        if token is None:
            os.write(1, _RS + self.token + _RS)
        self._socket = _connect(path)
        self._start = _RS + self.token
        self._buffer = bytearray()
        self._frames: "Deque[TaskFrame]" = deque()
        self._is_reading = False
        self._received = 0
        # True when the controller has ended the stream, and when it has canceled the run.
        self.has_ended = self.has_quit = False
        # Threads of user code may write lines.
        self._lock = _thread.allocate_lock()
        self._owner = os.getpid()
        self.send(self.token)
        # The greeting tells that the socket's file is gone.
        if not self._socket.recv(1):
            raise ProtocolError("the controller has ended")

    def is_forked(self) -> bool:
        """Returns True in a process that user code has forked."""
        return os.getpid() != self._owner

    def send(self, *parts: bytes) -> None:
        """Writes all bytes. A process that user code has forked must never answer, and ends."""
        if self.is_forked():
            os._exit(0)
        with self._lock:
            for part in parts:
                self._socket.sendall(part)

    def receive(self) -> "Optional[TaskFrame]":
        """Returns the next frame; None when the controller has ended the stream."""
        self._is_reading = True
        try:
            while not self._frames:
                if self.is_forked():
                    os._exit(0)
                data = self._socket.recv(_READ_SIZE)
                if not data:
                    self.has_ended = True
                    if self._buffer:
                        raise ProtocolError("a block is incomplete")
                    return None
                self._add(data)
            return self._frames.popleft()
        finally:
            self._is_reading = False

    def poll(self) -> "Deque[TaskFrame]":
        """Reads without waiting, and returns the frames that have not been received."""
        if self._is_reading:
            return deque()
        try:
            while not self.has_ended:
                data = self._socket.recv(_READ_SIZE, _socket.MSG_DONTWAIT)
                self.has_ended = not data
                self._add(data)
        except BlockingIOError:
            pass
        return self._frames

    def fileno(self) -> int:
        """Returns the descriptor of the socket."""
        return self._socket.fileno()

    def _add(self, data: bytes) -> None:
        self._buffer += data
        frame = self._take()
        while frame is not None:
            self._frames.append(frame)
            frame = self._take()

    def _take(self) -> "Optional[TaskFrame]":
        buffer, start = self._buffer, len(self._start) + _SUM_LENGTH
        newline = buffer.find(b"\n", start, start + _MAX_HEAD + 1)
        if not buffer.startswith(self._start[: len(buffer)]):
            raise ProtocolError("a block does not begin with the token of its worker")
        if newline < 0:
            if len(buffer) > start + _MAX_HEAD:
                raise ProtocolError("a block has no head")
            return None
        head = _parse_head(buffer[start - _SUM_LENGTH : newline + 1])
        body = newline + 1
        end = body + head["bytes"]
        if end + len(_END) > len(buffer):
            return None
        if buffer[end : end + len(_END)] != _END:
            raise ProtocolError("a block does not end where its head says")
        data = bytes(memoryview(buffer)[body:end])
        del buffer[: end + len(_END)]
        return self._checked(head, data)

    def _checked(self, head: "Dict[str, int]", body: bytes) -> "TaskFrame":
        if "cancel" in head or "quit" in head:
            self.has_quit = self.has_quit or "quit" in head
            return head, body  # type: ignore
        before, count = head.get("before", -1), head.get("count", 0)
        if before != self._received:
            text = "%d tasks came before a block, and %d were received"
            raise ProtocolError(text % (before, self._received))
        lines = count + ("checkpoint" in head)
        if body.count(b"\n") != lines or not body.endswith(b"\n") or "id" not in head:
            raise ProtocolError("a block does not contain the %d tasks of its head" % count)
        self._received += count
        return head, body  # type: ignore


def open_tracebacks(socket: str) -> "Optional[int]":
    """Opens the file for tracebacks beside the controller's socket, before it is removed.

    Returns None when the controller reads no tracebacks.
    """
    path = os.path.dirname(socket) + "/tracebacks"
    try:
        return _moved_high(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    except FileNotFoundError:
        return None


def _connect(path: str) -> "_socket.socket":
    first = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    first.connect(path)
    return _socket.socket(fileno=_moved_high(first.detach()))


def _moved_high(fd: int) -> int:
    with installed[0]:
        import fcntl

    try:
        high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _LEAST_FD)
    except OSError:
        # The process may have few descriptors only.
        return fd
    os.close(fd)
    return high


def _parse_head(summed: bytearray) -> "Dict[str, int]":
    line = bytes(summed[_SUM_LENGTH:])
    head = decode(line.decode()) if bytes(summed[:_SUM_LENGTH]) == checksum(line) else None
    if isinstance(head, dict) and type(head.get("bytes")) is int:
        return head
    raise ProtocolError("a block has the invalid head %r" % line[:80])


def checksum(line: bytes) -> bytes:
    """Returns the FNV-1a hash of a line, as a number of ten digits."""
    value = 0x811C9DC5
    for byte in line:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return b"%d" % (2**32 + value)


class FrameWriter:
    """Collects result blocks and other lines, and writes them in frames with one call."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._start = _RS + channel.token
        self._parts: "List[bytes]" = []
        self._lines: "List[bytes]" = []
        self.size = 0

    def add_block(self, head: bytes, *body: bytes) -> None:
        """Adds the results of consecutive tasks."""
        self._end_lines()
        self._add_frame(head, *body)

    def add_line(self, line: bytes) -> None:
        """Adds any other line, without its newline."""
        self._lines.append(line)
        self.size += len(line)

    def flush(self) -> None:
        """Writes everything that was added."""
        self._end_lines()
        if self._parts:
            # Joining long parts costs more than writing them one by one.
            parts = self._parts if self.size > _MOST_JOINED else [b"".join(self._parts)]
            self._parts, self.size = [], 0
            self._channel.send(*parts)

    def send_line(self, line: bytes) -> None:
        """Writes a line at once. Another thread may call this method."""
        writer = FrameWriter(self._channel)
        writer.add_line(line)
        writer.flush()

    def _end_lines(self) -> None:
        if self._lines:
            self._lines.append(b"")
            body = b"\n".join(self._lines)
            self._lines.clear()
            self._add_frame(b'{"bytes":%d}\n' % len(body), body)

    def _add_frame(self, head: bytes, *body: bytes) -> None:
        self._parts += (self._start, checksum(head), head, *body, _END)
        self.size += sum(map(len, body))
