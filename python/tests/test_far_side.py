"""Tests of the far side: frames, the queue, the limits, the blame and the archive."""

import base64
import gzip
import json
import os
import tempfile
import unittest
from typing import Any, Dict, List, Tuple

from dl_jobs.far_side.batch_window import BatchWindow
from dl_jobs.far_side.frame import FrameReader, ProtocolError, make_frame
from dl_jobs.far_side.local import SpanWriter, TaskQueue
from dl_jobs.far_side.on_platform import Sink, read_slice
from dl_jobs.far_side.process_tree import ProcessTree
from dl_jobs.far_side.result_archive import ResultArchive
from dl_jobs.far_side.task_files import ChangedFiles
from dl_jobs.far_side.watchdog import Watchdog
from dl_jobs.far_side.worker_death import Death, FailedStarts, LoadError, Verdict, blame
from dl_jobs.far_side.worker_responses import WorkerResponses

TOKEN = b"0123456789abcdef0123456789abcdef0123"


def task_of(task_id: int, attempt: int = 1) -> Tuple[int, int, bytes, None]:
    return task_id, attempt, b"1", None


def unpack(archive: bytes) -> List[bytes]:
    """Returns the parts of an archive."""
    parts, at = [], 0
    while at < len(archive):
        size = int.from_bytes(archive[at : at + 4], "big")
        parts.append(gzip.decompress(archive[at + 4 : at + 4 + size]))
        at += 4 + size
    return parts


class ProcessTreeTest(unittest.TestCase):
    @unittest.skipUnless(os.path.exists("/proc/self/smaps_rollup"), "other systems have no shares")
    def test_common_pages_are_counted_once_also_when_a_child_has_ended(self) -> None:
        large = bytearray(100_000_000)
        waits, ended = os.pipe(), os.fork()
        if ended == 0:
            os._exit(0)
        child = os.fork()
        if child == 0:
            os.close(waits[1])
            os.read(waits[0], 1)
            os._exit(0)
        os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
        try:
            tree = ProcessTree(os.getpid())
            resident = tree.memory(10**12)
            self.assertGreater(resident, 2 * len(large))
            self.assertLess(tree.memory(1), resident * 0.7)
        finally:
            os.close(waits[1])
            os.close(waits[0])
            for pid in (ended, child):
                os.waitpid(pid, 0)


class FrameTest(unittest.TestCase):
    def test_frames_that_come_in_pieces_of_any_length(self) -> None:
        frames = [({"id": 7, "count": 2}, b"1\n2\n"), ({"cancel": 7}, b""), ({}, b"\x1e\n\xff")]
        data = b"".join(make_frame(TOKEN, fields, body) for fields, body in frames)
        for size in (1, 7, 50, len(data)):
            reader = FrameReader(TOKEN)
            pieces = [data[at : at + size] for at in range(0, len(data), size)]
            found = [frame for piece in pieces for frame in reader.read(piece)]
            expected = [({**fields, "bytes": len(body)}, body) for fields, body in frames]
            self.assertEqual([(frame.fields, frame.body) for frame in found], expected)

    def test_other_bytes_are_refused(self) -> None:
        good = make_frame(TOKEN, {"id": 1}, b"1\n")
        changed = good.replace(b":1,", b":2,")
        cases = {
            "a block does not begin with the token of its worker": b"hello",
            "a block has no head": b"\x1e" + TOKEN + b"0" * 300,
            "a block does not end where its head says": good[:-2] + b"??",
            'a block has the invalid head "{\\"id\\":2,\\"bytes\\":2}"': changed,
        }
        for message, data in cases.items():
            with self.assertRaises(ProtocolError) as caught:
                list(FrameReader(TOKEN).read(data))
            self.assertEqual(str(caught.exception), message)


class ResponsesTest(unittest.TestCase):
    def read(self, *bodies: bytes, late: Any = lambda *_: None) -> WorkerResponses:
        self.in_flight: Dict[int, Any] = {task_id: task_of(task_id) for task_id in range(4)}
        self.messages: List[Dict[str, Any]] = []
        reader = WorkerResponses(TOKEN, self.in_flight, self.messages.append, late)
        data = b"".join(make_frame(TOKEN, {}, body) for body in bodies)
        self.found = reader.read(data)
        return reader

    def test_responses_to_tasks_in_flight(self) -> None:
        failure = b'{"id":1,"attempt":1,"type":"failed","ms":2,"error":%s}\n' % json.dumps(
            {"message": "no", "type": "E", "class": "error"}
        ).encode()
        checkpoint = b'{"id":1,"attempt":1,"type":"checkpoint","info":true,"value":[1]}\n'
        log = b'{"id":2,"attempt":1,"stream":"stdout","text":"hi"}\n'
        success = b'{"id":0,"ms":1.5,"result":[1]}\n'
        reader = self.read(success, checkpoint + log, failure, b'{"idle":3}\n')
        self.assertIsNone(reader.violation)
        self.assertEqual(self.found.successes, [success])
        self.assertEqual([self.found.checkpoints, self.found.failures], [[checkpoint], [failure]])
        self.assertEqual([line["text"] for line in self.found.logs], ["hi"])
        self.assertEqual([list(self.in_flight), self.messages], [[2, 3], [{"idle": 3}]])

    def test_violations(self) -> None:
        cases = {
            "task 9, attempt 1, is not in flight": b'{"id":9,"result":1}\n',
            "task 1, attempt 2, is not in flight": b'{"id":1,"attempt":2,"result":1}\n',
            "a line is incomplete": b'{"id":1,"result":1}',
            'it sent the unknown line "null"': b"null\n",
        }
        for message, body in cases.items():
            self.assertEqual(self.read(body).violation, message)

    def test_a_late_task_of_a_block_fails(self) -> None:
        error = {"message": "late", "type": "Timeout", "class": "timeout"}
        self.in_flight = {task_id: task_of(task_id) for task_id in range(3)}
        late = lambda task_id, _: (error, 7) if task_id == 1 else None  # noqa: E731
        reader = WorkerResponses(TOKEN, self.in_flight, print, late)
        found = reader.read(make_frame(TOKEN, {"id": 0, "count": 3}, b"0\n10\n20\n"))
        self.assertEqual(found.successes, [b'{"id":0,"result":0}\n', b'{"id":2,"result":20}\n'])
        failed = {"id": 1, "attempt": 1, "type": "failed", "ms": 7, "error": error}
        self.assertEqual([json.loads(line) for line in found.failures], [failed])


class BlameTest(unittest.TestCase):
    def test_only_the_task_that_is_alone_is_charged(self) -> None:
        one, two = [task_of(1)], [task_of(1), task_of(2)]
        late = {"message": "late", "type": "Timeout", "class": "timeout"}
        verdict = Verdict([2], late, 5)
        shared = [Verdict(ids, late, is_shared=True) for ids in ([1], [1, 2])]
        cases = [
            (one, Death(-11, "", None, None, None), ("was killed by SIGSEGV", "crash")),
            (one, Death(4, "x\nError: no\ny", None, None, None), ("code 4: Error: no", "crash")),
            (one, Death(-9, "", None, None, None), ("was killed (SIGKILL)", "lost")),
            (one, Death(-6, "zoom level 12", None, None, None), ("SIGABRT: zoom", "crash")),
            (one, Death(0, "", None, "no", None), ("an invalid response", "crash")),
            (two, Death(-11, "", None, None, None), "suspects"),
            (two, Death(3, "", None, None, "crash"), "innocent"),
            (one, Death(-9, "", shared[0], None, None), ("late", "timeout")),
            (two, Death(-9, "", shared[1], None, None), "suspects"),
            (two, Death(-9, "", verdict, None, None), ("late", "timeout")),
        ]
        for in_flight, death, expected in cases:
            outcome = blame(in_flight, death)
            if isinstance(expected, str):
                self.assertEqual(getattr(outcome, expected), in_flight)
                self.assertIsNone(outcome.charged)
                continue
            text, kind = expected
            self.assertIn(text, outcome.charged.error["message"])
            self.assertEqual(outcome.charged.error["class"], kind)
        self.assertEqual([task[0] for task in outcome.innocent], [1])

    def test_failed_starts_end_the_run(self) -> None:
        with self.assertRaisesRegex(LoadError, "^Cannot start a worker: no module$"):
            FailedStarts().add(1, "no module\n", None)
        with self.assertRaisesRegex(LoadError, "exits at once with code 5 and prints nothing;"):
            FailedStarts().add(5, "", None)
        starts = FailedStarts()
        for _ in range(19):
            starts.add(-9, "", None)
        with self.assertRaisesRegex(LoadError, "20 in a row were killed by SIGKILL"):
            starts.add(-9, "", None)
        starts.reset()
        starts.add(-9, "", None)


class QueueTest(unittest.TestCase):
    def test_tasks_are_shared_and_suspects_are_alone(self) -> None:
        queue = TaskQueue([task_of(task_id) for task_id in range(8)], 2)
        first, _ = queue.take(100, True)
        self.assertEqual([task[0] for task in first], [0, 1])
        queue.suspect([first[0]])
        queue.give_back([first[1]])
        self.assertEqual(queue.take(1, False)[0][0][0], 1)
        self.assertEqual(queue.take(9, True), ([task_of(0)], True))
        queue.is_stopped = True
        self.assertEqual([queue.take(9, True), bool(queue)], [([], False), False])

    def test_the_window_starts_with_what_can_run(self) -> None:
        self.assertEqual([BatchWindow(1).size, BatchWindow(4).size], [1, 8])

    def test_spans_count_tasks(self) -> None:
        spans: List[Dict[str, Any]] = []
        writer = SpanWriter("0", spans.append)
        writer.add_setup(40)
        writer.begin()
        writer.add(3, 2, 1)
        writer.end()
        writer.end()
        writer.add(5, 1, 0)
        writer.end()
        keys = ("id", "count", "failed", "setupMs")
        found = [tuple(span.get(key) for key in keys) for span in spans]
        self.assertEqual(found, [(3, 2, 1, 40), (5, 1, None, None)])

    def test_a_slice_has_checkpoints(self) -> None:
        packed = base64.b64encode(gzip.compress(b'"a"\n"b"\n"c"\n[1]\n')).decode()
        tasks = read_slice(packed, [[4, 2, 1], [9, 1, 2, 1]])
        expected = [(4, 1, b'"a"', None), (5, 1, b'"b"', None), (9, 2, b'"c"', b"[1]")]
        self.assertEqual(tasks, expected)


class WatchdogTest(unittest.TestCase):
    class Options:
        timeout, memory, concurrency, tick = 0.0001, 100, 1, 1000

    class Process:
        kills = 0

        def kill(self) -> None:
            self.kills += 1

        @property
        def tree(self) -> "WatchdogTest.Process":
            return self

        def memory(self, most: int) -> int:
            return 2_000_000_000

        def is_blocked(self) -> bool:
            return False

    def test_a_late_task_fails_after_its_grace(self) -> None:
        process, asked = self.Process(), []
        options = type("Options", (self.Options,), {"memory": None})
        watchdog = Watchdog(options, process, lambda task_id: asked.append(task_id) or 60)
        watchdog.track({7: None, 8: None})
        watchdog._since = {7: watchdog._since[7] - 1}
        watchdog.check()
        watchdog.check()
        self.assertEqual([asked, process.kills], [[7], 0])
        error, ms = watchdog.take_late(7, {"type": "E", "message": "no", "class": "error"})
        self.assertEqual([error["class"], error["stack"], ms >= 1000], ["timeout", "E: no", True])
        self.assertIsNone(watchdog.take_late(7, None))

    def test_a_limit_kills_the_worker_once(self) -> None:
        process = self.Process()
        options = type("Options", (self.Options,), {"timeout": None})
        watchdog = Watchdog(options, process, lambda _: 0)
        watchdog.track({7: None})
        watchdog.check()
        watchdog._memory_at = 0
        watchdog.check()
        self.assertEqual([process.kills, watchdog.verdict.ids], [1, [7]])
        self.assertEqual(watchdog.verdict.error["class"], "oom")


class ArchiveTest(unittest.TestCase):
    def test_events_and_the_last_line(self) -> None:
        archive = ResultArchive()
        archive.add(b'{"id":0,"result":1}\n')
        archive.add(b'{"id":1,"count":2,"bytes":4}\n1\n2\n')
        first, last = unpack(archive.close({"ended": "now"}))
        self.assertEqual(first.count(b"\n"), 4)
        self.assertEqual(json.loads(last), {"ended": "now"})

    def test_what_does_not_fit_is_left_out(self) -> None:
        archive = ResultArchive()
        for task_id in range(8):
            noise = os.urandom(150_000).hex().encode()
            archive.add(b'{"id":%d,"result":"%s"}\n' % (task_id, noise))
        parts = unpack(archive.close({}))
        self.assertEqual([archive.is_full, 4 < len(parts) < 9], [True, True])

    def test_an_event_that_never_fits_fails(self) -> None:
        archive = ResultArchive()
        archive.add(b'{"id":3,"result":"%s"}\n' % os.urandom(1_200_000).hex().encode())
        event = json.loads(unpack(archive.close({}))[0])
        found = [event["id"], event["type"], event["error"]["type"]]
        self.assertEqual(found, [3, "failed", "TooLong"])

    def test_files_precede_the_events_of_their_tasks(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            archive = ResultArchive()
            sink = Sink(archive, ChangedFiles(folder), 3)
            with open(os.path.join(folder, "a"), "wb") as file:
                file.write(b"content")
            sink.add([b'{"id":0,"result":1}\n'], 1)
            sink.add([b'{"id":1,"result":1}\n'], 1)
            with open(os.path.join(folder, "b"), "wb") as file:
                file.write(os.urandom(1_200_000))
            sink.add([b'{"id":2,"result":1}\n'], 1)
            parts = unpack(archive.close({}))
        self.assertEqual(parts[0], b'{"file": "a"}\ncontent')
        events = [json.loads(line) for line in parts[1].splitlines()]
        failed = [(event["id"], "error" in event) for event in events]
        self.assertEqual(failed, [(0, False), (1, False), (2, True)])

    def test_files_that_another_task_may_have_written_fail_no_task(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            archive = ResultArchive()
            sink = Sink(archive, ChangedFiles(folder), 3)
            sink.add([b'{"id":0,"result":1}\n'], 1)
            with open(os.path.join(folder, "of 2"), "wb") as file:
                file.write(os.urandom(1_200_000))
            sink.add([b'{"id":1,"result":1}\n'], 1)
            parts = unpack(archive.close({}))
        self.assertEqual([archive.is_full, parts], [True, [b'{"id":0,"result":1}\n', b"{}\n"]])


if __name__ == "__main__":
    unittest.main()
