"""The event loop of a worker whose function is a coroutine. This module is loaded on first use."""

import asyncio
import os
import selectors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, List, Optional, Set, Tuple


# The first loop imports a part of the module "asyncio", and the user may have a module of this name.
asyncio.new_event_loop().close()

# The loops of this process.
_loops: "List[EventLoop]" = []


def end_loops(seconds: float) -> None:
    """Ends what calls have left in the loops, as ``asyncio.run`` does: ``finally`` runs."""
    for events in _loops:
        if not events.loop.is_running():
            events.end(seconds)


class EventLoop:
    """Runs coroutines, and ends the process when one waits for something that cannot happen."""

    def __init__(self, flush: "Callable[[], None]", flush_s: float) -> None:
        self.loop = asyncio.SelectorEventLoop(_Selector(self))
        asyncio.set_event_loop(self.loop)
        # The number of descriptors that the loop watches for itself.
        self._own = len(self.loop._selector.get_map())  # type: ignore
        self._task: "Optional[asyncio.Future[Any]]" = None
        self._flush, self._flush_s = flush, flush_s
        # Returns True when no call waits.
        self._is_idle: "Callable[[], bool]" = lambda: False
        _loops.append(self)

    def run(self, awaitable: "Awaitable[Any]") -> "Any":
        """Waits for an awaitable object, and returns its value."""
        # Completed responses must not wait for this call, which may take a long time.
        timer = self.loop.call_later(self._flush_s, self._flush)
        self._task = asyncio.ensure_future(value_of(awaitable), loop=self.loop)
        try:
            return self.loop.run_until_complete(self._task)
        finally:
            self._task = None
            timer.cancel()

    def watch(
        self, fd: int, on_readable: "Callable[[], None]", is_idle: "Callable[[], bool]"
    ) -> None:
        """Calls a function when a descriptor can be read. No call waits for this descriptor."""
        self.loop.add_reader(fd, on_readable)
        self._own += 1
        self._is_idle = is_idle

    def unwatch(self, fd: int) -> None:
        """Ends the watch of a descriptor."""
        self.loop.remove_reader(fd)
        self._own -= 1
        self._is_idle = lambda: False

    def cancel(self) -> bool:
        """Cancels the running call; returns False when there is none."""
        task = self._task
        if task is None:
            return False
        self.loop.call_soon_threadsafe(task.cancel)
        return True

    def end(self, seconds: float) -> None:
        """Cancels the tasks that are pending, and waits at most some seconds for their end."""
        ending = self.loop.create_task(self._end(asyncio.all_tasks(self.loop)))
        self.loop.run_until_complete(asyncio.wait([ending], timeout=seconds))

    async def _end(self, tasks: "Set[asyncio.Task[Any]]") -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.loop.shutdown_asyncgens()

    def check(self, watched: int) -> None:
        """Ends the process when no event can end the wait of the loop."""
        handlers = self.loop._signal_handlers  # type: ignore
        if watched > self._own or self._is_idle() or handlers or _has_others():
            return
        self._flush()
        os.write(2, b"error: a promise never resolved\n")
        os._exit(1)


async def value_of(awaitable: "Awaitable[Any]") -> "Any":
    """Waits for any awaitable object, as a coroutine."""
    return await awaitable


async def result_of(awaitable: "Awaitable[Any]") -> "Any":
    """Waits for any awaitable object, as a coroutine, and for one that is its value."""
    value = await awaitable
    while hasattr(type(value), "__await__"):
        value = await value
    return value


def _has_others() -> bool:
    """Returns True when another thread or a child could end the wait, or when that is unknown."""
    try:
        if len(os.listdir("/proc/self/task")) > 1:
            return True
        with open("/proc/self/task/%d/children" % os.getpid(), "rb") as file:
            return file.read() != b""
    except OSError:
        return True


class _Selector(selectors.DefaultSelector):  # type: ignore
    def __init__(self, owner: EventLoop) -> None:
        super().__init__()
        self._owner = owner

    def select(self, timeout: "Optional[float]" = None) -> "List[Tuple[Any, int]]":
        if timeout is None and hasattr(self._owner, "_own"):
            self._owner.check(len(self.get_map()))
        return super().select(timeout)
