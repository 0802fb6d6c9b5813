"""A process and its descendants: their memory, and their end.

See https://man7.org/linux/man-pages/man5/proc.5.html
"""

import os
import re
import signal
from typing import Dict, List, NamedTuple, Optional

_PAGE = os.sysconf("SC_PAGE_SIZE")


class _Stat(NamedTuple):
    state: str
    started: str
    resident: int


class ProcessTree:
    """A process and all its descendants, also those in other process groups.

    A descendant that was found once is remembered after its parent has ended.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._found: Dict[int, str] = {}
        own = _read_stat(pid)
        self._started = own.started if own else None

    def memory(self, most: int) -> int:
        """Returns the memory of all processes in bytes, or 0 when it cannot be read.

        Resident memory counts shared pages several times. Only when the sum exceeds `most` and
        there are several processes, the shares are added instead, which is slow.
        """
        stats = self._update()
        resident = sum(stat.resident for stat in stats.values())
        if resident <= most or len(stats) < 2:
            return resident
        return sum(_memory_of(pid) for pid in stats)

    def is_blocked(self) -> bool:
        """Returns true when the main thread of the process computes or waits for one thing."""
        try:
            with open(f"/proc/{self.pid}/wchan") as file:
                place = file.read()
        except OSError:
            place = ""
        if place not in ("", "0"):
            return not re.search("epoll|ep_poll|unix_stream", place)
        stat = _read_stat(self.pid)
        return stat is not None and stat.state == "R"

    def kill(self) -> None:
        """Kills the process group, and the descendants that left it."""
        pids = [pid for pid in self._update() if pid != self.pid]
        for end, pid in [(os.killpg, self.pid), *((os.kill, pid) for pid in pids)]:
            try:
                end(pid, signal.SIGKILL)
            except OSError:
                pass  # The processes have ended already.

    def _update(self) -> Dict[int, _Stat]:
        """Finds new descendants, and forgets those that have ended."""
        stats: Dict[int, _Stat] = {}
        pending = [self.pid, *self._found]
        while pending:
            pid = pending.pop()
            stat = _read_stat(pid) if pid not in stats else None
            known = self._started if pid == self.pid else self._found.get(pid)
            if stat and known in (None, stat.started):
                stats[pid] = stat
                pending += _children_of(pid)
        self._found = {pid: stat.started for pid, stat in stats.items() if pid != self.pid}
        return stats


def _read_stat(pid: int) -> Optional[_Stat]:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return _Stat(state=fields[0], started=fields[19], resident=int(fields[21]) * _PAGE)
    except (OSError, IndexError, ValueError):
        return None  # The process has ended.


def _children_of(pid: int) -> List[int]:
    """Returns the children that all threads of a process have started."""
    children: List[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                children += map(int, file.read().split())
    except (OSError, ValueError):
        pass  # The process or the thread has ended.
    return children


def _memory_of(pid: int) -> int:
    """Returns the share of a process, or its resident memory; 0 when it has ended meanwhile."""
    share = _share_of(pid)
    if share is not None:
        return share
    stat = _read_stat(pid)
    return stat.resident if stat else 0


def _share_of(pid: int) -> Optional[int]:
    """Returns the memory of a process with its share of common pages, in bytes."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            found = re.search(r"^Pss: *(\d+) kB$", file.read(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    except OSError:
        return None
