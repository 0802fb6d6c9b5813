"""The stdout and stderr of user code: what it writes becomes log lines of its tasks."""

import io
import os
import sys

from . import handlers
from .sources import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    from .main import AnyRunner

    # The id of a task, and its attempt.
    Place = Tuple[int, int]

# A longer text without a newline is passed on in pieces.
_MAX_PENDING = 64 * 1024
# The controller reads, logs and shows one piece at a time, in characters.
_PIECE = 1024 * 1024
_NO_TASK = (-1, 1)


class CapturedStream(io.TextIOBase):
    """A text stream that passes whole lines to a runner, and the rest when a task ends."""

    encoding = "utf-8"
    errors = "backslashreplace"
    newlines = None
    line_buffering = True
    write_through = False

    def __init__(self, name: str, fd: int, runner: "AnyRunner") -> None:
        super().__init__()
        self.name, self.mode = "<%s>" % name, "w"
        self._stream, self._fd = name, fd
        self.runner: "Optional[AnyRunner]" = runner
        # The incomplete lines of the tasks that wrote them.
        self.pending: "Dict[Place, str]" = {}
        self._buffer: "Optional[_ByteStream]" = None

    @property
    def buffer(self) -> "Any":
        """The stream for bytes."""
        if self._buffer is None:
            self._buffer = _ByteStream(self)
        return self._buffer

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        """Does nothing: later tasks use the same stream."""

    def detach(self) -> "Any":
        return self.buffer

    def reconfigure(self, **options: "Any") -> None:
        """Accepts the options of other text streams, which change nothing here."""

    def flush(self) -> None:
        self.end_line(_NO_TASK if self.runner is None else self.runner.place())

    def end_line(self, place: "Place") -> None:
        """Passes on the incomplete line of a task."""
        text = self.pending.pop(place, "")
        if text:
            self._emit(text, place)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        runner, pending, end = self.runner, self.pending, text.rfind("\n") + 1
        place = _NO_TASK if runner is None else runner.place()
        rest = pending.pop(place, "") if pending else ""
        if end > 0:
            self._emit(rest + text[:end], place)
            rest = ""
        rest += text[end:]
        if rest:
            pending[place] = rest
            if len(rest) > _MAX_PENDING:
                self.end_line(place)
        if handlers.held:
            handlers.call_held()
        return len(text)

    def _emit(self, text: str, place: "Place") -> None:
        if self.runner is not None:
            for start in range(0, len(text), _PIECE):
                self.runner.log(self._stream, text[start : start + _PIECE], place)
        else:
            os.write(self._fd, text.encode("utf-8", self.errors))

    def pass_through(self) -> None:
        """Writes to the descriptor from now on, because a forked process has no runner."""
        self.runner = None
        self.pending.clear()


class _ByteStream(io.BufferedIOBase):
    """The bytes of a text stream, such as ``sys.stdout.buffer``."""

    def __init__(self, stream: CapturedStream) -> None:
        import codecs

        super().__init__()
        self._stream = stream
        self.name, self.mode = stream.name, "wb"
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def raw(self) -> "Any":
        """The stream for bytes that are written at once, to the descriptor."""
        return io.FileIO(self.fileno(), "w", closefd=False)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def close(self) -> None:
        """Does nothing: later tasks use the same stream."""

    def flush(self) -> None:
        self._stream.flush()

    def write(self, data: "Any") -> int:
        with memoryview(data) as view:
            self._stream.write(self._decoder.decode(view.tobytes()))
            return view.nbytes


# The streams of this process.
captured: "List[CapturedStream]" = []


def capture_stdio(runner: "AnyRunner") -> "Callable[..., None]":
    """Replaces stdout and stderr. Returns a function that passes on the incomplete lines.

    With the place of a task, it passes on only those of the task.
    """
    streams = [CapturedStream("stdout", 1, runner), CapturedStream("stderr", 2, runner)]
    captured[:] = streams
    sys.stdout, sys.stderr = streams  # type: ignore
    os.register_at_fork(after_in_child=lambda: [one.pass_through() for one in streams] and None)
    out, err = streams

    def flush(place: "Optional[Place]" = None) -> None:
        if sys.stdout is not out or sys.stderr is not err:
            buffer_lines()
        if out.pending or err.pending:
            for stream in streams:
                for one in [place] if place else list(stream.pending):
                    stream.end_line(one)

    return flush


def buffer_lines() -> None:
    """Lets streams that user code has put in the place of stdout and stderr write whole lines.

    ``io.TextIOWrapper(sys.stdout.buffer)`` would write the lines of a task during a later one.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if isinstance(stream, io.TextIOWrapper) and stream.fileno() in (1, 2):
                # This also writes what the stream contains.
                stream.reconfigure(line_buffering=True)
        except (OSError, ValueError):
            # The stream is closed.
            pass


def buffer_c_lines() -> None:
    """Lets the C library write whole lines to stdout, when user code has loaded native code."""
    if not any(_is_native(module) for module in list(sys.modules.values())):
        return
    try:
        with installed[0]:
            import ctypes

        library = ctypes.CDLL(None)
        stdout = ctypes.c_void_p.in_dll(library, "stdout")
        library.setvbuf(stdout, None, 1, 0)
    except (ImportError, OSError, ValueError, AttributeError):
        # Text of native code then arrives later.
        pass


def _is_native(module: "Any") -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(".so") and "/lib-dynload/" not in file
