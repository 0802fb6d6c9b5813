"""Timers, pickles and messages."""

from __future__ import annotations

import pickle
from datetime import datetime
from typing import Any, Optional, Union

from . import config

TS_FMT = "%b %d %Y %H:%M:%S"


def save_pickle(obj: Any, path: str) -> None:
    """Writes an object to a pickle file."""
    with open(path, "wb") as file:
        pickle.dump(obj, file, protocol=pickle.HIGHEST_PROTOCOL)


def read_pickle(path: str) -> Any:
    """Reads an object from a pickle file."""
    with open(path, "rb") as file:
        return pickle.load(file)


class Timer(object):
    """Measures a duration. ``start`` and ``stop`` count once, and return the time as text."""

    def __init__(self, ts_fmt: str = TS_FMT) -> None:
        self.ts_fmt = ts_fmt
        self._start_time: Optional[datetime] = None
        self._end_time: Optional[datetime] = None

    def start(self) -> str:
        """Starts measuring."""
        self._start_time = self._start_time or datetime.now()
        return self._start_time.strftime(self.ts_fmt)

    def stop(self) -> str:
        """Stops measuring."""
        self._end_time = self._end_time or datetime.now()
        return self._end_time.strftime(self.ts_fmt)

    end = stop

    def duration(self) -> str:
        """Returns the time from start to stop, or until now, such as ``0:00:07``.

        :raises ValueError: when the timer was not started
        """
        if self._start_time is None:
            raise ValueError("Cannot tell a duration: the timer was not started, call start()")
        return str((self._end_time or datetime.now()) - self._start_time).split(".")[0]

    def now(self) -> str:
        """Returns the current time."""
        return datetime.now().strftime(self.ts_fmt)


def vspace(n: int = 2) -> None:
    """Prints empty lines."""
    print("\n" * n)


def line(char: str = "-", length: int = 100) -> None:
    """Prints a line that separates messages."""
    print(char * length)


def log(msg: Any, noisy: Any, level: str = "INFO") -> None:
    """Prints a message, if ``noisy``."""
    if noisy:
        print("[{}] DL_JOBS: {}".format(level, msg))


def suppress(msg: Any) -> Union[str, bool]:
    """Returns the word of the option ``suppress`` that a message contains, or false.

    :returns: true for an empty message
    """
    if not msg:
        return True
    text = str(msg).lower()
    return next((word for word in config.get("suppress") if str(word).lower() in text), False)
