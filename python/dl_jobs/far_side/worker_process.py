"""One worker process, with its pipes and its channel.

The start of the channel is described in `lib/worker/protocol.ts`.
"""

import codecs
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Callable, List, Optional

from .frame import RS
from .process_tree import ProcessTree

_TOKEN_LENGTH = 36
_TOKEN = re.compile(b"\x1e([^\x1e]{%d})\x1e" % _TOKEN_LENGTH)
_STDERR_TAIL = 4096
_READ_SIZE = 256 * 1024
# A child that left the process group may keep a pipe open forever.
_DRAIN_S = 1.0
# The longest path of a Unix socket on all systems, in bytes.
_MAX_PATH = 100


class WorkerProcess:
    """A running worker process. It does not interpret the bytes that it passes."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        options: Any,
        on_bytes: Callable[[bytes], None],
        on_text: Callable[[str, str], None],
    ) -> None:
        """Starts the process. `options` contains its command, its folder and its variables."""
        self.token: Optional[bytes] = None
        self.stderr = ""
        self._selector, self._on_bytes, self._on_text = selector, on_bytes, on_text
        self._files: List[object] = []
        self._stdout = b""
        self._unsent = bytearray()
        self._is_ended = False
        self._socket: Optional[socket.socket] = None
        self._folder = _private_folder()
        path = os.path.join(self._folder, "s")
        self._listener: Optional[socket.socket] = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._child = subprocess.Popen(
            options.command(path),
            cwd=options.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=options.env,
            start_new_session=True,
        )
        self.pid = self._child.pid
        self.tree = ProcessTree(self.pid)
        self._died: Optional[float] = None
        self._watch(self._child.stdout, self._read_stdout)
        self._watch(self._child.stderr, self._reader("stderr"))

    def send(self, data: bytes) -> None:
        """Writes bytes to the channel, as far as it accepts them; the rest follows."""
        self._unsent += data
        self._flush()

    def end(self) -> None:
        """Ends the stream of tasks. The worker then exits after its last task."""
        self._is_ended = True
        self._flush()

    def interrupt(self, data: bytes) -> None:
        """Writes bytes, and lets a worker that runs a call read them.

        The worker reads its channel between two instructions of the call when it receives this
        signal, which other programs ignore.
        """
        self.send(data)
        try:
            os.killpg(self.pid, signal.SIGURG)
        except OSError:
            pass  # The process has ended.

    def kill(self) -> None:
        """Kills the process and its descendants."""
        self.tree.kill()

    def status(self) -> Optional[int]:
        """Returns the exit status when the process has ended and its output has been read."""
        status = self._child.poll()
        if status is None:
            return None
        if self._died is None:
            self._died = time.monotonic()
            self.kill()
        is_late = time.monotonic() - self._died > _DRAIN_S
        open_files = [file for file in self._files if file is not self._listener]
        return status if is_late or not open_files else None

    def close(self) -> None:
        """Kills the process, and closes all files."""
        self.kill()
        self._child.wait()
        for file in list(self._files):
            self._drop(file)
        self._stop_listening()

    def _watch(self, file: object, call: Callable[[], None]) -> None:
        os.set_blocking(file.fileno(), False)
        self._selector.register(file, selectors.EVENT_READ, call)
        self._files.append(file)

    def _drop(self, file: object) -> None:
        self._selector.unregister(file)
        self._files.remove(file)
        file.close()

    def _read(self, file: object) -> Optional[bytes]:
        """Returns bytes, or nothing at the end of a file, which is then closed."""
        try:
            data = os.read(file.fileno(), _READ_SIZE)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            self._drop(file)
        return data

    def _read_stdout(self) -> None:
        """Reads stdout up to the token, which imports of the program may precede."""
        self._stdout += self._read(self._child.stdout) or b""
        found = _TOKEN.search(self._stdout)
        if not found:
            return
        self.token = found[1]
        text = self._stdout[: found.start()] + self._stdout[found.end() :]
        read = self._reader("stdout", text)
        if self._child.stdout in self._files:
            self._selector.modify(self._child.stdout, selectors.EVENT_READ, read)
        self._watch(self._listener, self._accept)

    def _reader(self, stream: str, before: bytes = b"") -> Callable[[], None]:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        file = getattr(self._child, stream)
        if before:
            self._on_text(stream, decode(before))

        def read() -> None:
            text = decode(self._read(file) or b"")
            if stream == "stderr":
                self.stderr = (self.stderr + text)[-_STDERR_TAIL:]
            if text:
                self._on_text(stream, text)

        return read

    def _accept(self) -> None:
        client = self._listener.accept()[0]
        received = bytearray()

        def check() -> None:
            try:
                data = client.recv(_TOKEN_LENGTH - len(received))
            except BlockingIOError:
                return
            except OSError:
                data = b""
            received.extend(data)
            if data and len(received) < _TOKEN_LENGTH:
                return
            if received == self.token and self._socket is None:
                self._open(client)
            else:
                self._drop(client)

        self._watch(client, check)

    def _open(self, client: socket.socket) -> None:
        """Opens the channel. The worker loads user code after the greeting."""
        self._socket = client
        self._stop_listening()
        self._selector.modify(client, selectors.EVENT_READ, self._transfer)
        client.send(RS)

    def _stop_listening(self) -> None:
        if self._listener in self._files:
            self._drop(self._listener)
        elif self._listener:
            self._listener.close()
        self._listener = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _transfer(self) -> None:
        data = self._read(self._socket)
        if data:
            self._on_bytes(data)
        if self._unsent and self._socket in self._files:
            self._flush()

    def _flush(self) -> None:
        """Writes as much as the channel accepts. Writing to a dead worker fails, and is ignored."""
        if self._socket not in self._files:
            return
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
            if self._is_ended:
                self._socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        self._selector.modify(self._socket, wanted, self._transfer)


def _private_folder() -> str:
    """Creates a folder that only this user may enter, with a path short enough for a socket."""
    folder = tempfile.mkdtemp(prefix="dl_jobs_")
    if len(os.fsencode(folder)) <= _MAX_PATH:
        return folder
    os.rmdir(folder)
    return tempfile.mkdtemp(prefix="dl_jobs_", dir="/tmp")
