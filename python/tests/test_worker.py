"""Tests of the worker: frames, arguments, results, contexts, and the modules of a program."""

import asyncio
import dataclasses
import datetime
import enum
import functools
import io
import json
import linecache
import math
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
import unittest
import uuid
from array import array
from collections import ChainMap, Counter, UserString, deque
from http import HTTPStatus
from ipaddress import ip_network
from types import TracebackType
from typing import Any, ClassVar, Dict, List, Tuple
from unittest import mock

from dl_jobs.worker import arguments, handlers, results, runner
from dl_jobs.worker.asynchronous import EventLoop
from dl_jobs.worker.channel import Channel, ProtocolError, checksum
from dl_jobs.worker.concurrent import AsyncRunner, ThreadRunner
from dl_jobs.worker.context import Context, JobContext, parameter_count, takes_context
from dl_jobs.worker.errors import task_error
from dl_jobs.worker.main import call_hook
from dl_jobs.worker.reduce import Fold, arity_of, value_at
from dl_jobs.worker.responses import Responses, ReturnedError, describe
from dl_jobs.worker.runner import Runner, exit_of
from dl_jobs.worker.scan import scan
from dl_jobs.worker.sources import SourceFinder
from dl_jobs.worker.stdio import CapturedStream, capture_stdio
from dl_jobs.worker.values import plain_copy


class Pipe:
    """A channel whose frames are collected."""

    token = b"t"
    has_quit = False

    def __init__(self) -> None:
        self.sent = b""

    def send(self, *parts: bytes) -> None:
        self.sent += b"".join(parts)

    def is_forked(self) -> bool:
        return False

    def bodies(self) -> List[str]:
        """Returns the heads and the bodies of the frames, without their marks."""
        frames = self.sent.decode().split("\x1et")[1:]
        self.sent = b""
        return [frame[10:].rstrip("\x1e\n") for frame in frames]


class Unprintable:
    """A value that has no text."""

    def __repr__(self) -> str:
        raise ValueError("no text")


def run_tasks(function: Any, lines: List[str], attempt: int = 1, **options: Any) -> List[str]:
    """Runs tasks, and returns the frames that answer them."""
    pipe = Pipe()
    responses = Responses(pipe, options)  # type: ignore
    loop = Runner(pipe, responses)  # type: ignore
    loop.function = function
    body = "".join(line + "\n" for line in lines).encode()
    loop._run_frame(({"id": 0, "attempt": attempt, "count": len(lines)}, body))  # type: ignore
    return pipe.bodies()


def values_of(frames: List[str]) -> List[Any]:
    """Returns the results in frames."""
    found = []
    for frame in frames:
        head, *lines = [json.loads(line) for line in frame.split("\n")]
        found += (
            lines if "count" in head else [line["result"] for line in lines if "result" in line]
        )
    return found


class ArgumentsTest(unittest.TestCase):
    def test_lines_are_values(self) -> None:
        for lines in (["1", "-2.5", '"a"', "null", "true"], ["[1]", '{"a":[2]}', "3"], ['"[,]"']):
            body = "".join(line + "\n" for line in lines).encode()
            expected = [json.loads(line) for line in lines]
            self.assertEqual(arguments.parse_lines(body, len(lines)), expected)

    def test_lines_that_are_not_one_value_need_a_closer_look(self) -> None:
        cases = [["1,2", ""], ["[1", "2],3"], ['"a', 'b",1'], ["1,2", "3"], ["NaN"], ["{"], ["1]"]]
        for lines in [*cases, ["[1", "2]"], ["1],[2", "3"], [" ", "1"]]:
            body = "".join(line + "\n" for line in lines).encode()
            self.assertIsNone(arguments.parse_lines(body, len(lines)), lines)

    def test_a_line_keeps_all_digits(self) -> None:
        digits = "9" * 40
        self.assertEqual(arguments.parse_line(digits.encode()), int(digits))

    def test_constants_of_python_are_not_json(self) -> None:
        for text in ("NaN", "-Infinity", '{"a": Infinity}'):
            with self.assertRaises(json.JSONDecodeError):
                arguments.decode(text)

    def test_a_line_that_is_not_json(self) -> None:
        for line in (b"", b"[1", b"NaN", b"1 2", b"{'a':1}", b"-Infinity", b'"\n"', b"01"):
            with self.assertRaises(ValueError, msg=line):
                arguments.parse_line(line)
        with self.assertRaisesRegex(TypeError, "not UTF-8"):
            arguments.parse_line(b'"\xff"')


class ResponsesTest(unittest.TestCase):
    def test_results_of_short_tasks_are_one_block(self) -> None:
        frames = run_tasks(lambda x: x, ["1", '"a"', "null", "true", "2.5"])
        self.assertEqual(frames[0].split("\n", 1)[1], '1\n"a"\nnull\ntrue\n2.5')
        self.assertRegex(frames[0], r'^\{"id":0,"count":5,"bytes":\d+(,"ms":\d)?\}\n')
        self.assertEqual(frames[1].split("\n")[1], '{"idle":5}')

    def test_a_value_that_changes_later_is_kept(self) -> None:
        shared = [0]

        def function(x: int) -> List[int]:
            shared[0] = x
            return shared

        self.assertEqual(values_of(run_tasks(function, ["1", "2", "3"])), [[1], [2], [3]])

    def test_values_of_all_kinds_keep_their_order(self) -> None:
        values = [1, [1, 2], "x", {"a": {"b": []}}, 2.5, (3,), None, "ä\ud800", {"e": [1]}, 10**30]
        lines = [str(i) for i in range(len(values))]
        found = values_of(run_tasks(lambda i: values[i], lines))
        self.assertEqual(found, [list(v) if isinstance(v, tuple) else v for v in values])

    def test_a_failure_is_between_the_results(self) -> None:
        def function(x: int) -> int:
            return 10 // x

        frames = run_tasks(function, ["1", "2", "0", "5"])
        lines = [line for line in "\n".join(frames).split("\n") if '"failed"' in line]
        failure = json.loads(lines[0])
        self.assertEqual((failure["id"], failure["error"]["type"]), (2, "ZeroDivisionError"))
        self.assertEqual(values_of(frames), [10, 5, 2])

    def test_returned_errors_are_failures(self) -> None:
        returned = ["ERROR no tile", {"ERROR": "no tile", "type": "TileError"}, {"ERROR": ""}, "E"]
        frames = run_tasks(lambda i: returned[i], ["0", "1", "2", "3"])
        failed = [json.loads(line) for line in "\n".join(frames).split("\n") if '"failed"' in line]
        self.assertEqual([one["error"]["type"] for one in failed], ["ERROR", "TileError"])
        self.assertEqual([one["error"]["value"] for one in failed], returned[:2])
        self.assertEqual(values_of(frames), returned[2:])

    def test_numbers_that_are_not_finite_become_null(self) -> None:
        frames = run_tasks(lambda x: math.nan if x == 1 else {"a": [x, math.inf]}, ["1", "2"])
        self.assertEqual(values_of(frames), [None, {"a": [2, None]}])
        notes = [json.loads(line) for line in "\n".join(frames).split("\n") if '"note"' in line]
        expected = {"id": 0, "attempt": 1, "stream": "stderr", "text": "result"}
        self.assertEqual(notes, [{**expected, "note": {"kind": "nonFinite", "count": 2}}])

    def test_numbers_that_are_not_finite_may_fail(self) -> None:
        frames = run_tasks(lambda x: math.nan, ["1"], values={"failsNonFinite": True})
        self.assertIn("Cannot write result: it is NaN or infinite, use None instead", frames[0])

    def test_a_further_attempt_has_its_own_line(self) -> None:
        frames = run_tasks(lambda x: x, ["5"], attempt=2)
        self.assertRegex(frames[0], r'\{"id":0,"attempt":2,("ms":[\d.]+,)?"result":5\}')

    def test_slow_tasks_have_lines_of_their_own_between_the_blocks(self) -> None:
        def function(x: int) -> Any:
            if x in (2, 3, 6):
                time.sleep(0.003)
            return [x] if x == 3 else x

        with mock.patch.object(runner, "_SLOW", 0.002):
            frames = run_tasks(function, [str(x) for x in range(8)])
        self.assertEqual(values_of(frames), [0, 1, 2, [3], 4, 5, 6, 7])
        lines = [json.loads(line) for line in "\n".join(frames).split("\n") if '"ms"' in line]
        times = {line["id"]: line["ms"] for line in lines if "result" in line}
        for task in (2, 3, 6):
            self.assertGreaterEqual(times[task], 3)

    def test_slow_results_of_all_kinds_keep_their_order(self) -> None:
        values = [1, [1, 2], "ERROR no tile", "x", {"ERROR": "late"}, {"a": []}, "ERROR b", None]
        with mock.patch.object(runner, "_SLOW", -1.0):
            frames = run_tasks(lambda i: values[i], [str(i) for i in range(len(values))])
        found = [json.loads(line) for line in "\n".join(frames).split("\n")]
        ended = [(line["id"], line.get("result")) for line in found if "id" in line]
        expected = [None if "ERROR" in str(value) else value for value in values]
        self.assertEqual(ended, list(enumerate(expected)))
        self.assertEqual([line["id"] for line in found if "error" in line], [2, 4, 6])

    def test_a_slow_returned_error_has_its_time(self) -> None:
        def function(_: int) -> str:
            time.sleep(0.003)
            return "ERROR late"

        frames = run_tasks(function, ["1"])
        self.assertGreaterEqual(json.loads(frames[0].split("\n")[1])["ms"], 3)

    def test_long_results_of_slow_tasks_are_written_at_once(self) -> None:
        pipe, text = Pipe(), "x" * 1_200_000
        responses = Responses(pipe, {"flushMs": 60_000})  # type: ignore
        loop = Runner(pipe, responses)  # type: ignore
        written: List[int] = []

        def function(kind: int) -> Any:
            written.append(len(pipe.sent))
            return text if kind == 1 else [text]

        loop.function = function
        with mock.patch.object(runner, "_SLOW", -1.0):
            loop._run_frame(({"id": 0, "attempt": 1, "count": 3}, b"1\n2\n3\n"))  # type: ignore
        self.assertEqual([length // len(text) for length in written], [0, 1, 2])

    def test_an_exception_after_a_call_belongs_to_no_task(self) -> None:
        add = Responses.add

        def add_late(responses: Responses, value: Any) -> None:
            add(responses, value)
            if value == [1]:
                raise TimeoutError("an alarm of the call before")

        for attempt in (1, 2):
            errors = io.StringIO()
            with mock.patch.object(sys, "stderr", errors):
                with mock.patch.object(Responses, "add", add_late):
                    frames = run_tasks(lambda x: [x], ["1", "2", "3"], attempt)
            self.assertEqual(values_of(frames), [[1], [2], [3]])
            self.assertIn("an alarm of the call before", errors.getvalue())

    def test_a_line_that_is_not_json_fails_alone(self) -> None:
        frames = run_tasks(lambda x: x, ["1", "{", "[2]"])
        self.assertEqual(values_of(frames), [1, [2]])
        self.assertIn('"id":1,"attempt":1,"type":"failed"', "\n".join(frames))


@dataclasses.dataclass
class Tile:
    path: pathlib.Path
    day: datetime.date


@dataclasses.dataclass
class Grid:
    count: ClassVar[int] = 3
    most: dataclasses.InitVar[int]
    size: int = 1


@dataclasses.dataclass
class Keyed(Dict[str, int]):
    size: int = 1


@dataclasses.dataclass
class Label(str):
    language: str = "en"


class Band(enum.Enum):
    RED = "red"


class Name(str, enum.Enum):
    OSLO = "oslo"


class Colour(enum.Enum):
    RED = "red"


class Odd(str):
    def __str__(self) -> str:
        return "odd"


class Dozen(int):
    def __int__(self) -> int:
        return 12


class Rounded(float):
    def __float__(self) -> float:
        return 0.0


class Model:
    def model_dump(self, mode: str) -> Dict[str, str]:
        return {"mode": mode}


class Wrapper:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __json__(self) -> Any:
        return self.value


class Proxy:
    """An object that has every attribute."""

    def __getattr__(self, name: str) -> Any:
        return Proxy()

    def __call__(self, **options: Any) -> Any:
        return Proxy()


def one_with(*names: str) -> Any:
    return type("Series", (), {name: lambda self: [] for name in names})()


class Tag:
    """An object whose attributes are data, None where there is none."""

    def __getattr__(self, name: str) -> Any:
        if name == "dict":
            raise RuntimeError("it is not open")
        return "x" if name == "model_dump" else None


class ValuesTest(unittest.TestCase):
    def copy(self, value: Any) -> Tuple[Any, List[str]]:
        notes: List[str] = []
        return plain_copy(value, notes.append), notes

    def test_objects_have_a_json_form(self) -> None:
        day = datetime.date(2026, 1, 2)
        identity = uuid.UUID(int=1)
        cases: List[Tuple[Any, Any]] = [
            (Tile(pathlib.Path("a/b"), day), {"path": "a/b", "day": "2026-01-02"}),
            (Grid(2), {"size": 1}),
            (datetime.datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
            ([Band.RED, {Band.RED: 1}], ["red", {"red": 1}]),
            ({1: "a", day: 2, pathlib.Path("p"): 3}, {"1": "a", "2026-01-02": 2, "p": 3}),
            (Model(), {"mode": "json"}),
            ((1, (2,), range(2)), [1, [2], [0, 1]]),
            (Wrapper(Wrapper([day])), ["2026-01-02"]),
            (identity, str(identity)),
            (True, True),
            ([Name.OSLO, {Name.OSLO: Odd("x")}], ["oslo", {"oslo": "x"}]),
            ([Dozen(5), {Dozen(5): Rounded(0.5)}], [5, {"5": 0.5}]),
        ]
        for value, expected in cases:
            self.assertEqual(self.copy(value), (expected, []))
            json.dumps(self.copy(value)[0])

    def test_missing_values_of_pandas_become_null(self) -> None:
        missing = type("NAType", (), {})()
        self.assertEqual(self.copy({"a": [missing, 1]}), ({"a": [None, 1]}, ["result.a[0]"]))

    def test_other_objects_are_refused_with_advice(self) -> None:
        cases: List[Tuple[Any, str]] = [
            ({"a": [b"x"]}, "result.a[0]: JSON has no bytes, write them to a file, such as one in"),
            ({1, 2}, "result: JSON has no set, use sorted(x) or list(x)"),
            ((i for i in ()), "result: JSON has no generator, use list(x)"),
            (ValueError("x"), "result: JSON has no ValueError, raise it or use str(x)"),
            ([Tag()], "result[0]: JSON has no Tag, use a dict with its data"),
            (object(), "result: JSON has no object, use a dict with its data"),
            ({1: 0, "1": 1}, "result: it has the keys 1 and '1', which JSON cannot tell apart"),
            (
                {Band.RED: 0, Colour.RED: 1},
                "result: it has the keys <Band.RED: 'red'> and <Colour.RED: 'red'>, which JSON",
            ),
            (
                [{pathlib.PurePosixPath("1"): 0, 1: 1}],
                "result[0]: it has the keys PurePosixPath('1') and 1, which JSON cannot tell",
            ),
            ({(1, 2): 0}, "result: it has the key (1, 2), and JSON has only texts as keys"),
            ({"a b": {True: 1}}, 'result["a b"]: it has the key True'),
            (len, "result: JSON has no builtin_function_or_method, use its return value"),
            (deque([1]), "result: JSON has no deque, use list(x)"),
            (UserString("ab"), "result: JSON has no UserString, use str(x)"),
            (array("i", [1]), "result: JSON has no array, use x.tolist()"),
            (one_with("to_list", "__iter__"), "result: JSON has no Series, use x.to_list()"),
            (one_with("to_dicts", "to_dict"), "result: JSON has no Series, use x.to_dicts()"),
            (one_with("to_records"), 'result: JSON has no Series, use x.to_dict("records")'),
            (one_with("as_py"), "result: JSON has no Series, use x.as_py()"),
            (one_with("numpy", "__iter__"), "result: JSON has no Series, use x.numpy()"),
            (one_with("__geo_interface__"), "result: JSON has no Series, use x.__geo_interface__"),
            (one_with("__attrs_attrs__"), "result: JSON has no Series, use attrs.asdict(x)"),
            (ip_network("10.0.0.0/8"), "result: JSON has no IPv4Network, use str(x)"),
            (ChainMap({}), "result: JSON has no ChainMap, use dict(x)"),
            (int, "result: JSON has no type, use its name"),
            ([Keyed()], "result[0]: it is a dataclass and a dict, and JSON keeps only one of them"),
            (Label(), "result: it is a dataclass and a str, and JSON keeps only one of them"),
            ([Wrapper(b"x")], "result[0]: JSON has no bytes, write them to a file"),
            (Wrapper({1}), "result: JSON has no set, use sorted(x) or list(x)"),
            (Proxy(), "result: JSON has no Proxy, use dict(x)"),
        ]
        for value, message in cases:
            with self.assertRaises(TypeError) as caught:
                self.copy(value)
            self.assertTrue(str(caught.exception).startswith("Cannot write " + message), message)

    def test_numpy_values_are_numbers_and_lists(self) -> None:
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is missing")
        cases: List[Tuple[Any, Any]] = [
            (numpy.float32(0.5), 0.5),
            (numpy.uint8(7), 7),
            (numpy.bool_(True), True),
            (numpy.array([[1, 2]], dtype=numpy.uint8), [[1, 2]]),
            ({"m": numpy.array([0.5, numpy.nan])}, {"m": [0.5, None]}),
            (numpy.datetime64("2026-01-02"), "2026-01-02"),
            (numpy.array([["2026-01-02", "NaT"]], "M8[D]"), [["2026-01-02", None]]),
            (numpy.array(datetime.date(2026, 1, 2), object), "2026-01-02"),
        ]
        # Texts of any length, since numpy 2.
        text = getattr(getattr(numpy, "dtypes", None), "StringDType", None)
        if text is not None:
            cases.append((numpy.array(["a", "bc"], text()), ["a", "bc"]))
            cases.append((numpy.array(["a", numpy.nan], text(na_object=numpy.nan)), ["a", None]))
        for value, expected in cases:
            self.assertEqual(self.copy(value)[0], expected)
        self.assertEqual(self.copy({"m": numpy.array([0.5, numpy.nan])})[1], ["result.m[1]"])
        days = numpy.array(["2026-01-02", "2026-01-03"], "M8[ns]")
        for data in (numpy.array([1, 2]), numpy.array([0.5, 1]), numpy.array(["a", "b"]), days):
            whole = self.copy(numpy.ma.masked_array(data))
            self.assertEqual(whole, self.copy(data))
            masked = self.copy(numpy.ma.masked_array(data, [0, 1]))
            self.assertEqual(masked, ([whole[0][0], None], ["result[1]"]))
        self.assertEqual(self.copy(numpy.ma.masked), (None, ["result"]))
        with self.assertRaisesRegex(TypeError, "JSON has no bytes"):
            self.copy(numpy.array(b"ab", object))
        for other in (numpy.complex128(1), numpy.array([0.1], numpy.longdouble)):
            with self.assertRaisesRegex(TypeError, "JSON has no numpy (complex|float)128, use x"):
                self.copy(other)

    def test_exact_values_are_those_that_json_keeps(self) -> None:
        for value in (1, "a", [1, {"a": (None, 2.5)}], {}):
            self.assertTrue(results.is_exact(value))
        for value in ({1: 2}, [{1}], [[b""]], {"a": Band.RED}):
            self.assertFalse(results.is_exact(value))


class ConcurrentRunnerTest(unittest.TestCase):
    def test_a_run_ends_when_the_controller_ends_first(self) -> None:
        async def waits(value: int) -> int:
            await asyncio.sleep(0)
            return value

        frame = ({"id": 0, "count": 2, "attempt": 1}, b"1\n2\n")
        for kind, function in [(ThreadRunner, str), (AsyncRunner, waits)]:
            ended, other = os.pipe()
            os.close(other)
            channel, responses = mock.MagicMock(), mock.MagicMock(lock=threading.RLock(), flush_s=0)
            channel.configure_mock(has_quit=False, has_ended=True)
            channel.is_forked.return_value = False
            channel.fileno.return_value = ended
            channel.receive.side_effect = [frame, None]
            channel.poll.return_value = deque([frame])
            responses.flush.side_effect = BrokenPipeError
            runner = kind(channel, responses, {"concurrency": 2})
            runner.function = function
            run = threading.Thread(target=runner.run, daemon=True)
            run.start()
            run.join(20)
            os.close(ended)
            self.assertFalse(run.is_alive(), kind)


class EventLoopTest(unittest.TestCase):
    def test_what_ends_slowly_does_not_keep_the_process(self) -> None:
        async def slow() -> Any:
            try:
                yield 1
            finally:
                await asyncio.sleep(60)

        async def leaves(found: Any) -> Any:
            await found.__anext__()
            return found

        events = EventLoop(lambda: None, 60)
        kept = events.run(leaves(slow()))
        began = time.perf_counter()
        events.end(0.05)
        self.assertLess(time.perf_counter() - began, 20)
        del kept


class ErrorsTest(unittest.TestCase):
    def test_keeps_the_last_frames_of_a_deep_recursion(self) -> None:
        # The C stack of older versions has no room for such a recursion.
        try:
            raise RecursionError("too deep")
        except RecursionError as caught:
            error, trace = caught, caught.__traceback__
        assert trace is not None
        for _ in range(30_000):
            trace = TracebackType(trace, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
        stack = task_error(error.with_traceback(trace))["stack"]
        self.assertIn("[Previous line repeated 9997 more times]", stack)
        self.assertTrue(stack.endswith("RecursionError: too deep"))

    def test_an_error_has_the_frames_of_the_user(self) -> None:
        def fail() -> None:
            try:
                {}["k"]
            except KeyError as error:
                raise ValueError("no tile") from error

        try:
            fail()
        except ValueError as error:
            found = task_error(error)
        self.assertEqual(
            (found["message"], found["type"], found["class"]), ("no tile", "ValueError", "error")
        )
        self.assertTrue(found["stack"].startswith("Traceback (most recent call last):"))
        self.assertIn("KeyError: 'k'\n\nThe above exception was the direct cause", found["stack"])
        self.assertTrue(found["stack"].endswith("ValueError: no tile"))

    def test_the_message_of_a_group_names_its_first_error(self) -> None:
        class Group(Exception):
            exceptions: Any = ()

        inner, outer, other = Group("inner"), Group("outer"), Group("other")
        inner.exceptions, outer.exceptions = (ValueError("no"), KeyError()), (inner,)
        other.exceptions = ["no exception"]
        texts = [task_error(error)["message"] for error in (outer, other, Group())]
        self.assertEqual(texts, ["outer: Group: inner: ValueError: no", "other", "Group"])

    def test_an_error_keeps_the_short_values_that_code_has_added(self) -> None:
        class Kind(enum.Enum):
            SLOW = "slow"
            PARTS = (1, 2)

        class Ratio(float):
            pass

        class BrokenText(str):
            def __str__(self) -> str:
                raise ValueError("no text")

        error: Any = ValueError("no")
        error.code, error.status, error.ok = "E1", 503, False
        error.response, error.text, error._own = object(), "\ud800", 1
        error.ratio, error.ARGS = float("nan"), 1
        self.assertEqual(task_error(error)["value"], {"code": "E1", "status": 503, "ok": False})
        self.assertNotIn("value", task_error(ValueError("no")))
        error = ValueError("no")
        error.status, error.kind, error.ratio = HTTPStatus.NOT_FOUND, Kind.SLOW, Ratio(0.5)
        error.parts, error.broken = Kind.PARTS, BrokenText("a")
        expected = {"status": 404, "kind": "slow", "ratio": 0.5, "broken": "a"}
        self.assertEqual(task_error(error)["value"], expected)
        types = {type(one) for one in task_error(error)["value"].values()}
        self.assertEqual(types, {int, float, str})
        error.__dict__.update({f"key{i}": i for i in range(30)})
        self.assertEqual(len(task_error(error)["value"]), 20)

    def test_an_error_whose_attributes_fail(self) -> None:
        class Named(type):
            @property
            def __name__(cls) -> str:
                raise ValueError("no name")

        class Broken(Exception, metaclass=Named):
            def __getattr__(self, name: str) -> Any:
                return getattr(self.response, name)

        found = task_error(Broken("quota exceeded"))
        self.assertEqual(
            (found["message"], found["type"], found["class"]),
            ("quota exceeded", "Broken", "error"),
        )

    def test_an_error_that_ends_the_process_when_it_is_read(self) -> None:
        class Ends:
            def __str__(self) -> str:
                sys.exit(3)

        self.assertEqual(task_error(ValueError(Ends()))["message"], "ValueError")
        self.assertEqual(
            describe(ReturnedError({"ERROR": Ends()})),
            {"message": "the error cannot be described", "type": "Error", "class": "error"},
        )
        with mock.patch("sys.stderr", io.StringIO()):
            self.assertEqual(exit_of(SystemExit([Unprintable()])), (1, ""))

    def test_an_error_without_frames_has_no_stack(self) -> None:
        self.assertEqual(
            task_error(MemoryError()),
            {"message": "it ran out of memory", "type": "MemoryError", "class": "oom"},
        )


def within(module: str, function: str) -> Any:
    """Returns a frame of user code that a function of the worker has called."""
    names: Dict[str, Any] = {"__package__": "dl_jobs.worker", "__name__": "dl_jobs.worker." + module}
    exec("def %s(call): return call()" % function, names)
    return names[function](sys._getframe)


class HandlersTest(unittest.TestCase):
    def test_an_alarm_waits_while_the_worker_changes_its_state(self) -> None:
        called: List[int] = []
        guarded = handlers.Guarded(lambda number, _: called.append(number))
        before = signal.signal(signal.SIGUSR1, guarded)
        try:
            guarded(signal.SIGUSR1, within("responses", "add_line"))
            self.assertEqual(called, [])
            handlers.call_held()
            self.assertEqual(called, [signal.SIGUSR1])
            guarded(signal.SIGUSR1, within("channel", "send"))
            end = time.monotonic() + 10
            while len(called) < 2 and time.monotonic() < end:
                time.sleep(0.001)
            self.assertEqual(called, [signal.SIGUSR1] * 2)
        finally:
            signal.signal(signal.SIGUSR1, before)

    def test_an_alarm_interrupts_a_call(self) -> None:
        def alarm(*_: Any) -> None:
            raise TimeoutError

        for module, function in (("runner", "_run_values"), ("main", "load"), ("values", "_fill")):
            with self.assertRaises(TimeoutError):
                handlers.Guarded(alarm)(signal.SIGUSR1, within(module, function))

    def test_an_exception_between_tasks_is_printed(self) -> None:
        def alarm(*_: Any) -> None:
            raise TimeoutError("too late")

        with mock.patch.object(sys, "stderr", io.StringIO()) as errors:
            handlers.Guarded(alarm)(signal.SIGUSR1, within("channel", "receive"))
        self.assertIn("too late", errors.getvalue())


class ContextTest(unittest.TestCase):
    def test_a_checkpoint_has_only_texts_as_keys(self) -> None:
        class Job(JobContext):
            sent: List[Any] = []

            def update(self, line: Any) -> None:
                self.sent.append(line)

        job = Job({}, Responses(Pipe(), {}))  # type: ignore
        save = Context(job, 0, 1).checkpoint.save
        save({"rows": [1, (2, {"a": None})]})
        self.assertEqual(Job.sent[0]["value"], {"rows": [1, [2, {"a": None}]]})
        text = "Cannot write checkpoint.rows[1]: it has the key 5, which is a text in the next attempt"
        with self.assertRaises(TypeError) as caught:
            save({"rows": ["a", {5: 1}]})
        self.assertTrue(str(caught.exception).startswith(text), caught.exception)

    def test_a_line_of_the_log_fails_no_task(self) -> None:
        pipe = Pipe()
        responses = Responses(pipe, {"values": {"failsNonFinite": True}})  # type: ignore
        log = Context(JobContext({}, responses), 3, 1).log
        log("read", text="a", self=1, rows={2}, loss=math.nan, row=(1, Unprintable()))
        log(Unprintable())
        responses.flush()
        lines = [line for body in pipe.bodies() for line in body.split("\n")[1:]]
        self.assertEqual(
            [(one["text"], one.get("fields")) for one in map(json.loads, lines)],
            [
                ("read", {"text": "a", "self": 1, "rows": "{2}", "loss": None, "row": "tuple"}),
                ("Unprintable", None),
            ],
        )

    def test_lines_of_the_log_are_written_at_once_unless_there_are_many(self) -> None:
        pipe = Pipe()
        responses = Responses(pipe, {})  # type: ignore
        responses.add_log({"text": "first"})
        self.assertEqual(len(pipe.bodies()), 1)
        for number in range(5000):
            responses.add_log({"text": str(number)})
        self.assertLess(len(pipe.bodies()), 1000)

    def test_a_signal_waits_as_an_event_does(self) -> None:
        signal = Context(JobContext({}, mock.Mock()), 0, 1).signal
        self.assertEqual([signal.wait(seconds) for seconds in (0, -0.5, 0.001)], [False] * 3)
        threading.Timer(0.01, signal.set).start()
        self.assertEqual([signal.wait(None), signal.wait()], [True, True])

    def test_the_context_is_passed_where_it_is_expected(self) -> None:
        def two(tile: Any, ctx: Any) -> None: ...
        def named(tile: Any, ctx: Any = None) -> None: ...
        def other(tile: Any, scale: int = 2) -> None: ...
        def many(*args: Any, **kwargs: Any) -> None: ...
        def keyword(tile: Any, *, ctx: Any = None) -> None: ...

        class Called:
            def __call__(self, tile: Any, ctx: Any) -> None: ...

            def one(self, tile: Any) -> None: ...

            def two(self, tile: Any, ctx: Any) -> None: ...

        self.assertEqual(
            [
                takes_context(one)
                for one in (two, named, other, many, keyword, Called(), len, print)
            ],
            [True, True, False, False, False, True, False, False],
        )
        bound = Called()
        self.assertEqual([takes_context(one) for one in (bound.one, bound.two)], [False, True])
        self.assertEqual([parameter_count(one) for one in (bound.one, two)], [1, 2])

    def test_the_parameters_of_a_decorator_count(self) -> None:
        def two(tile: Any, model: Any) -> None: ...
        def one(tile: Any) -> None: ...

        fills = functools.wraps(two)(lambda tile: two(tile, 1))
        drops = functools.wraps(one)(lambda tile, ctx: one(tile))
        passes = functools.wraps(two)(lambda *args: two(*args))
        found = [takes_context(function) for function in (fills, drops, passes)]
        self.assertEqual(found, [False, True, True])
        self.assertEqual([parameter_count(hook) for hook in (fills, drops, passes)], [1, 2, 2])

    def test_hooks_of_all_kinds_declare_the_context(self) -> None:
        def none() -> None: ...
        def one(ctx: Any) -> None: ...

        def decorated(hook: Any) -> Any:
            return functools.wraps(hook)(lambda *args: hook(*args))

        class Called:
            def __call__(self) -> None: ...

        def two(model: Any, ctx: Any) -> None: ...

        hooks = (none, one, decorated(none), decorated(one), Called(), functools.partial(two, 1))
        self.assertEqual([parameter_count(hook) for hook in hooks], [0, 1, 0, 1, 0, 1])

    def test_a_hook_with_a_yield_is_refused(self) -> None:
        def rows() -> Any:
            yield 1

        def setup(ctx: Any) -> Any:
            yield ctx.task

        async def late() -> Any:
            yield 1

        job, runner = JobContext({}, None), Runner.__new__(Runner)  # type: ignore
        for hook in (setup, late):
            with self.assertRaisesRegex(TypeError, "^%s has a yield, so" % hook.__name__):
                call_hook(hook, job, runner)
        # A generator may be the state.
        self.assertEqual(list(call_hook(lambda: rows(), job, runner)), [1])


class Output:
    """A runner that collects the text of its tasks."""

    def __init__(self) -> None:
        self.lines: List[Tuple[Any, str]] = []
        self.task = 0

    def place(self) -> Tuple[int, int]:
        return self.task, 1

    def log(self, stream: str, text: str, place: Tuple[int, int]) -> None:
        self.lines.append((place[0], text))


class StdioTest(unittest.TestCase):
    def test_incomplete_lines_belong_to_the_task_that_wrote_them(self) -> None:
        output = Output()
        stream = CapturedStream("stdout", 1, output)  # type: ignore
        for task, text in ((0, "a0"), (1, "a1"), (0, "b0\nc0"), (1, "b1"), (2, "a2")):
            output.task = task
            stream.write(text)
        stream.flush()
        stream.end_line((1, 1))
        stream.end_line((1, 1))
        stream.end_line((0, 1))
        self.assertEqual(output.lines, [(0, "a0b0\n"), (2, "a2"), (1, "a1b1"), (0, "c0")])

    def test_output_belongs_to_the_task_that_wrote_it(self) -> None:
        def function(x: int) -> int:
            sys.stdout.write("a%d\nb%d" % (x, x))
            if x == 1:
                time.sleep(0.002)
            return x

        pipe = Pipe()
        loop = Runner(pipe, Responses(pipe, {}))  # type: ignore
        loop.function = function
        with mock.patch("sys.stdout"), mock.patch("sys.stderr"):
            loop.flush_output = capture_stdio(loop)
            loop._run_frame(({"id": 5, "attempt": 1, "count": 3}, b"0\n1\n2\n"))  # type: ignore
        lines = [line for frame in pipe.bodies() for line in frame.split("\n") if "stream" in line]
        found = [(line["id"], line["text"]) for line in map(json.loads, lines)]
        expected = [(5 + x, text % x) for x in range(3) for text in ("a%d\n", "b%d")]
        self.assertEqual(sorted(found), expected)

    def test_streams_have_the_parts_of_those_of_python(self) -> None:
        read, write = os.pipe()
        stream = CapturedStream("stdout", write, Output())  # type: ignore
        names = [name for name in dir(sys.__stdout__) if not name.startswith("_")]
        self.assertEqual([name for name in names if not hasattr(stream, name)], [])
        wrapper = io.TextIOWrapper(stream.buffer, encoding="utf-8")
        self.assertEqual((wrapper.name, wrapper.buffer.mode), ("<stdout>", "wb"))
        with io.TextIOWrapper(stream.buffer.raw, write_through=True) as text:
            text.write("at once")
        self.assertEqual(os.read(read, 100), b"at once")
        os.close(read)
        os.close(write)

    def test_whole_lines_are_passed_on(self) -> None:
        output = Output()
        stream = CapturedStream("stdout", 1, output)  # type: ignore
        print("a", 1, file=stream)
        stream.write("b\nc")
        stream.buffer.write("ä".encode()[:1])
        stream.buffer.write("ä".encode()[1:])
        stream.flush()
        stream.close()
        print("d", file=stream)
        expected = ["a 1\n", "b\n", "cä", "d\n"]
        self.assertEqual(output.lines, [(0, text) for text in expected])


class ScanTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.realpath(self.folder.name)

    def write(self, files: Dict[str, str]) -> None:
        for name, text in files.items():
            path = os.path.join(self.path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def scan(self, file: str, method: str = "task") -> Dict[str, Any]:
        return scan(os.path.join(self.path, file), method, self.path)

    def test_the_imports_at_any_depth(self) -> None:
        self.write(
            {
                "tiles.py": "import json, helper\ndef task(x):\n    from pkg import deep\n",
                "helper.py": "import importlib\nimportlib.import_module('late')\n",
                "late.py": "",
                "unused.py": "",
                "pkg/__init__.py": "from .deep import *\n",
                "pkg/deep.py": "from .. import nothing\nfrom . import other\n",
                "pkg/other.py": "",
                "json/notes.txt": "",
            }
        )
        found = self.scan("tiles.py")
        names = ["helper", "late", "pkg", "pkg.deep", "pkg.other", "tiles"]
        self.assertEqual(sorted(found["modules"]), names)
        self.assertEqual((found["module"], found["folders"]), ("tiles", [self.path]))

    def test_a_module_in_a_package_has_its_whole_name(self) -> None:
        self.write(
            {
                "pkg/__init__.py": "",
                "pkg/tiles.py": "from . import a\ndef task(x): pass",
                "pkg/a.py": "",
            }
        )
        found = self.scan("pkg/tiles.py")
        self.assertEqual(found["module"], "pkg.tiles")
        self.assertEqual(sorted(found["modules"]), ["pkg", "pkg.a", "pkg.tiles"])
        self.assertEqual(found["late"], [os.path.join(self.path, "pkg")])

    def test_the_folder_of_a_package_comes_first_when_it_is_the_working_directory(self) -> None:
        self.write(
            {
                "helper.py": "",
                "pkg/__init__.py": "",
                "pkg/helper.py": "",
                "pkg/tiles.py": "import helper\ndef task(x): pass",
            }
        )
        folder = os.path.join(self.path, "pkg")
        found = scan(os.path.join(folder, "tiles.py"), "task", folder)
        self.assertEqual(found["folders"], [folder, self.path])
        self.assertEqual(found["modules"]["helper"][0], os.path.join(folder, "helper.py"))

    def test_folders_that_a_module_adds_to_the_path_are_searched(self) -> None:
        cases = [
            'sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))',
            'sys.path.append(str(Path(__file__).resolve().parent / "lib"))',
            'sys.path.insert(1, dirname(__file__) + "/lib")',
            'HERE = Path(__file__).parents[0]\nsys.path.append(HERE.joinpath("lib").as_posix())',
            'if True:\n    sys.path.append(os.path.join(__file__, os.pardir, "lib"))',
        ]
        self.write({"lib/extra.py": "", "lib/json.py": "", "lib/both.py": "", "both.py": ""})
        for text in cases:
            self.write({"tiles.py": text + "\nimport extra, both, json\ndef task(x): pass\n"})
            found = self.scan("tiles.py")
            files = {name: one[0][len(self.path) :] for name, one in found["modules"].items()}
            both = "/lib/both.py" if "insert(0" in text else "/both.py"
            expected = {"tiles": "/tiles.py", "extra": "/lib/extra.py", "both": both}
            self.assertEqual((files, found["standard"]), (expected, []), text)
        for text in ("sys.path.append(open('x').read())", "sys.path.append(N)", "path.append(1)"):
            self.write({"tiles.py": text + "\nimport extra\ndef task(x): pass\n"})
            self.assertEqual(list(self.scan("tiles.py")["modules"]), ["tiles"], text)
        self.write({"context.py": "import sys\nsys.path.insert(0, 'lib')\n"})
        folder = os.getcwd()
        os.chdir(self.path)
        self.addCleanup(os.chdir, folder)
        self.write({"tiles.py": "import context, extra\ndef task(x): pass\n"})
        self.assertEqual(sorted(self.scan("tiles.py")["modules"]), ["context", "extra", "tiles"])
        # A folder far from the project may be that of a large program.
        paths = "sys.path.append('%s/lib')\nsys.path.append(dirname(dirname(__file__)))" % self.path
        self.write({"a/b/tiles.py": paths + "\nimport extra, above\n", "a/above.py": ""})
        folder = os.path.join(self.path, "a", "b")
        found = scan(os.path.join(folder, "tiles.py"), "task", folder)
        self.assertEqual(sorted(found["modules"]), ["above", "tiles"])

    def test_a_folder_without_init_is_a_package_for_relative_imports(self) -> None:
        self.write({"work/tiles.py": "from . import a\ndef task(x): pass", "work/a.py": ""})
        found = self.scan("work/tiles.py")
        self.assertEqual(found["module"], "work.tiles")
        self.assertEqual(found["modules"]["work"], [os.path.join(self.path, "work"), True, None])

    def test_the_functions_when_there_is_no_such_function(self) -> None:
        self.write({"tiles.py": "def mean(x): pass\ndef median(x): pass\n"})
        self.assertEqual(self.scan("tiles.py", "maen")["functions"], ["mean", "median"])
        for text in (
            "from a import *",
            "maen = 1",
            "def __getattr__(n): pass",
            "globals()['maen'] = 1",
        ):
            self.write({"tiles.py": text})
            self.assertIsNone(self.scan("tiles.py", "maen")["functions"], text)

    def test_a_syntax_error_has_its_place(self) -> None:
        self.write({"tiles.py": "def task(x):\n    return (x\n"})
        self.assertIn("tiles.py:2: ", self.scan("tiles.py")["error"])

    def test_modules_run_with_the_sources_of_the_program(self) -> None:
        self.write({"stored.py": "VALUE = 'new'\n"})
        path = os.path.join(self.path, "stored.py")
        finder = SourceFinder({"stored": (path, False, "VALUE = 'old'\ndef fail():\n    1 / 0\n")})
        sys.meta_path.insert(0, finder)  # type: ignore
        self.addCleanup(sys.meta_path.remove, finder)  # type: ignore
        self.addCleanup(sys.modules.pop, "stored", None)
        stored = __import__("stored")
        self.assertEqual((stored.VALUE, stored.__file__), ("old", path))
        try:
            stored.fail()
        except ZeroDivisionError as error:
            finder.fill_linecache(linecache.cache)
            self.assertIn("    1 / 0", task_error(error)["stack"])


class ChannelTest(unittest.TestCase):
    def channel(self) -> Channel:
        channel = Channel.__new__(Channel)
        channel._start = b"\x1et"
        channel._buffer = bytearray()
        channel._received = 0
        channel.has_quit = False
        return channel

    def frame(self, head: bytes, body: bytes = b"") -> bytes:
        return b"\x1et" + checksum(head) + head + body + b"\x1e\n"

    def test_a_frame_that_comes_byte_by_byte(self) -> None:
        channel = self.channel()
        head = b'{"id":7,"attempt":1,"count":2,"before":0,"bytes":4}\n'
        for byte in self.frame(head, b"1\n2\n"):
            self.assertIsNone(channel._take())
            channel._buffer.append(byte)
        fields = {"id": 7, "attempt": 1, "count": 2, "before": 0, "bytes": 4}
        self.assertEqual(channel._take(), (fields, b"1\n2\n"))

    def test_other_bytes_are_refused(self) -> None:
        head = b'{"id":7,"attempt":1,"count":2,"before":0,"bytes":4}\n'
        good = self.frame(head, b"1\n2\n")
        broken = [
            good.replace(b"\x1et", b"\x1eu"),
            good.replace(b'"id":7', b'"id":8'),
            good.replace(b"2\n\x1e", b"2\n\x1f"),
            self.frame(head, b"1,2\n"),
            self.frame(head.replace(b'"before":0', b'"before":5'), b"1\n2\n"),
            b"x" * 300,
        ]
        for data in broken:
            channel = self.channel()
            channel._buffer += data
            with self.assertRaises(ProtocolError, msg=data):
                channel._take()


class Reduce(unittest.TestCase):
    """The function of a reduce."""

    def fold(self, function: Any, by: Any = None) -> Fold:
        options = {} if by is None else {"by": by}
        return Fold(function, options, Responses(Pipe(), {}))  # type: ignore

    def test_saves_at_the_first_and_at_the_last_line(self) -> None:
        fold = self.fold(lambda acc, result: (acc or 0) + result)
        big = 2**60
        lines: List[Dict[str, Any]] = [
            {"from": 0, "rows": [[0, big, None], [1, 1, None]]},
            {"from": 2, "rows": [[2, 1, None]]},
            {"from": 3, "rows": [[5, 1, None]], "isLast": True},
        ]
        replies = [fold(line) for line in lines]
        first, last = str(big + 1), str(big + 3)
        self.assertEqual(
            replies, [{"groups": [["null", first]]}, None, {"groups": [["null", last]]}]
        )
        other = self.fold(lambda acc, result: acc + result)
        self.assertEqual(other(lines[2]), {"isLost": True})
        rest = {**lines[2], "groups": [["null", str(big + 2)]]}
        self.assertEqual(other(rest), {"groups": [["null", last]]})

    def test_groups_by_a_key_of_the_result_or_of_the_arguments(self) -> None:
        rows = [[0, {"id": "a"}, {"id": "b"}], [1, {"id": None}, {"id": "b"}], [2, 7, {"id": "a"}]]
        fold = self.fold(lambda acc: (acc or 0) + 1, "id")
        reply = fold({"from": 0, "rows": rows, "isLast": True})
        self.assertEqual(reply, {"groups": [['"a"', "2"], ["null", "1"]]})

    def test_groups_by_equal_keys(self) -> None:
        keys: List[Any] = [
            {"b": 2, "a": [{"d": 1, "c": "x"}]},
            {"a": [{"c": "x", "d": 1.0}], "b": 2},
            *[[1, 2], [2, 1], 1, 1.0, True, "1"],
        ]
        rows = [[task, {"key": key}, None] for task, key in enumerate(keys)]
        fold = self.fold(lambda acc: (acc or 0) + 1, "key")
        reply = fold({"from": 0, "rows": rows})
        first = '{"b":2,"a":[{"d":1,"c":"x"}]}'
        counts = [[first, "2"], ["[1,2]", "1"], ["[2,1]", "1"], ["1", "2"]]
        groups = [*counts, ["true", "1"], ['"1"', "1"]]
        self.assertEqual(reply, {"groups": groups})
        other = self.fold(lambda acc: (acc or 0) + 1, "key")
        line = {"from": 8, "rows": [rows[1]], "isLast": True, "groups": groups}
        self.assertEqual(other(line), {"groups": [[first, "3"], *groups[1:]]})

    def test_reports_the_task_whose_result_it_cannot_fold(self) -> None:
        line = {"from": 0, "rows": [[4, 1, None]]}
        problem, save = "ReduceProblem", "SaveProblem"
        advice = ": use str, finite numbers, bool, None, lists, and dicts whose keys are str"
        cases: List[Tuple[Any, Any, Tuple[str, str]]] = [
            (lambda acc: 1 / 0, None, ("ZeroDivisionError", "division by zero")),
            (lambda acc: None, None, (problem, "it returned None, not the accumulator")),
            (
                lambda acc: 1,
                "id",
                (problem, "neither the result nor the arguments have the key id"),
            ),
            (
                lambda acc: [Counter()],
                None,
                (save, "accumulator[0] is an instance of Counter" + advice),
            ),
            (lambda acc: {2020: 1}, None, (save, "accumulator has the key 2020" + advice)),
            (lambda acc: {"x": math.nan}, None, (save, "accumulator['x'] is nan" + advice)),
        ]
        for function, by, expected in cases:
            reply = self.fold(function, by)(line)
            assert reply is not None
            error = reply["error"]
            self.assertEqual((error["type"], error["message"]), expected)
            self.assertEqual(error["task"], 4)

    def test_finds_values_by_paths(self) -> None:
        value = {"a": {"b": [{"c": 7}]}, "a.b": 8, "x.y": {"z": None}}
        self.assertEqual(value_at(value, "a.b"), 8)
        self.assertEqual(value_at(value, "a.b.0.c"), 7)
        self.assertIsNone(value_at(value, "x.y.z"))
        absent = value_at({}, "none")
        for path in ("a.b.1.c", "a.b.00.c", "a.b.length", "x.z"):
            self.assertIs(value_at(value, path), absent)

    def test_counts_the_arguments_of_a_function(self) -> None:
        cases: List[Tuple[Any, int]] = [
            (lambda acc: 1, 1),
            (lambda acc, result, args, more=1: 1, 3),
            (lambda *values: 1, 3),
            (print, 3),
        ]
        self.assertEqual([arity_of(function) for function, _ in cases], [n for _, n in cases])


if __name__ == "__main__":
    unittest.main()
