"""Jobs, run methods and task methods, without the command."""

import asyncio
import dataclasses
import datetime
import inspect
import io
import json
import os
import pathlib
import stat
import sys
import tempfile
import unittest
from unittest import mock

from dl_jobs import _command, _description, _run_method
from dl_jobs._runner import JobError
from dl_jobs._task import as_task
from dl_jobs.decorators import as_json, expand_args
from dl_jobs.job import DLJob


@dataclasses.dataclass
class Place:
    lon: float


class Count:
    """A whole number of another class, such as one of numpy."""

    def __index__(self):
        return 3


def parameters(function):
    return list(inspect.signature(function).parameters)


class Descriptions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.folder = folder.name
        self.addCleanup(folder.cleanup)

    def describe(self, job):
        description = _description.describe(job, self.folder)
        if isinstance(description["list"], dict):
            with open(description["list"]["file"]) as file:
                description["list"] = file.read()
        return description

    def test_contains_what_the_job_sets(self):
        job = DLJob(
            "dl_jobs.helpers",
            "truthy",
            args_list=[1, "two"],
            cpus=2,
            gpus=None,
            log=None,
            results_dir=None,
            modules=["dl_jobs", "work"],
            requirements=["numpy"],
            data="data/*",
            task_kwargs={"memory": "2Gi"},
            platform_job="false",
        )
        job.noisy = False
        self.assertEqual(
            self.describe(job),
            {
                "module": os.path.abspath(_description.__file__).replace("_description", "helpers"),
                "import": "dl_jobs.helpers",
                "method": "truthy",
                "isCall": False,
                "list": '1\n"two"\n',
                "options": {
                    "name": "dl_jobs.helpers.truthy",
                    "platform_job": False,
                    "task_kwargs": {"memory": "2Gi"},
                    "modules": ["work"],
                    "requirements": ["numpy"],
                    "data": ["data/*"],
                    "cpus": 2,
                    "gpus": 0,
                    "noisy": False,
                    "log": False,
                    "results_dir": ".",
                },
            },
        )
        self.assertEqual((job.cpu_job, job.grouped_results, job.log_dir), (True, False, "logs"))

    def test_contains_the_arguments_of_a_call(self):
        cases = [
            ({"args": [1], "kwargs": {"a": 2}}, [1], {"a": 2}),
            ({"args": (1,), "a": 2}, [1], {"a": 2}),
            ({"kwargs": {"a": 2}, "b": 3}, [], {"a": 2, "b": 3}),
            ({"args": [{"a": 1}], "args_list": []}, [{"a": 1}], {}),
            ({}, [], {}),
        ]
        for given, args, kwargs in cases:
            found = self.describe(DLJob("dl_jobs.helpers", **given))
            self.assertTrue(found["isCall"])
            self.assertEqual(json.loads(found["list"]), {"args": args, "kwargs": kwargs})

    def test_refers_to_lists_of_the_user(self):
        found = self.describe(DLJob("dl_jobs.helpers", args_list="tiles.ndjson"))
        self.assertEqual(found["list"], os.path.abspath("tiles.ndjson"))
        for given in (3, 0, "-", "https://example.org/tiles.ndjson"):
            found = self.describe(DLJob("dl_jobs.helpers", args_list=given))
            self.assertEqual((found["isCall"], found["list"]), (False, given))

    def test_writes_options_as_results_are_written(self):
        job = DLJob(
            "dl_jobs.helpers",
            args_list=1,
            results_dir=pathlib.Path("out"),
            requirements=pathlib.Path("packages.txt"),
            data=pathlib.Path("tiles.ndjson"),
            task_kwargs={"sizes": range(2)},
        )
        expected = {
            "results_dir": "out",
            "requirements": "packages.txt",
            "data": ["tiles.ndjson"],
            "task_kwargs": {"sizes": [0, 1]},
        }
        options = self.describe(job)["options"]
        self.assertEqual({name: options[name] for name in expected}, expected)
        job = DLJob("dl_jobs.helpers", args_list=1, task_kwargs={"labels": {"a"}})
        with self.assertRaisesRegex(TypeError, r"job\.task_kwargs\.labels: JSON has no set"):
            self.describe(job)
        for modules in ({"tiles"}, (name for name in ["tiles", "dl_jobs.job"]), "tiles"):
            job = DLJob("dl_jobs.helpers", args_list=1, modules=modules)
            self.assertEqual(self.describe(job)["options"]["modules"], ["tiles"])

    def test_accepts_what_stands_for_a_list(self):
        path = os.path.abspath("a.ndjson")
        for given, expected in [(Count(), 3), (pathlib.Path("a.ndjson"), path)]:
            found = self.describe(DLJob("dl_jobs.helpers", args_list=given))
            self.assertEqual((found["isCall"], found["list"]), (False, expected))
        self.assertTrue(self.describe(DLJob("dl_jobs.helpers", args_list=False))["isCall"])
        frame = type("GeoDataFrame", (type("DataFrame", (list,), {}),), {})(["name", "size"])
        polars = type("DataFrame", (list,), {"to_dicts": list})(["name", "size"])
        advice = "the number of tasks, or the path"
        cases = [(True, advice), (2.5, advice), (frame, r'x\.to_dict\("records"\)')]
        for given, message in [*cases, (polars, r"x\.to_dicts\(\)")]:
            with self.assertRaisesRegex(TypeError, "as args_list: pass .*" + message):
                self.describe(DLJob("dl_jobs.helpers", args_list=given))

    def test_writes_arguments_as_results_are_written(self):
        given = [(1, range(2)), {2020: datetime.date(2020, 1, 2)}, pathlib.Path("a"), Place(1)]
        found = self.describe(DLJob("dl_jobs.helpers", args_list=given))
        expected = ["[1, [0, 1]]", '{"2020": "2020-01-02"}', '"a"', '{"lon": 1}']
        self.assertEqual(found["list"].splitlines(), expected)
        found = self.describe(DLJob("dl_jobs.helpers", args=[Place(1)], kwargs={"b": range(1)}))
        expected = {"args": [{"lon": 1}], "kwargs": {"b": [0]}}
        self.assertEqual(json.loads(found["list"]), expected)

    def test_writes_numpy_arguments_as_results_are_written(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is missing")
        day = numpy.datetime64("2024-02-28T16:00", "ns")
        found = self.describe(DLJob("dl_jobs.helpers", args_list=[day, numpy.arange(2)]))
        expected = ["2024-02-28T16:00:00.000000000", [0, 1]]
        self.assertEqual([json.loads(line) for line in found["list"].splitlines()], expected)
        self.assert_refused(numpy.timedelta64(5, "ns"), ": JSON has no numpy timedelta64[ns]")
        self.assert_refused(numpy.datetime64("NaT"), ": it is NaN or infinite, use None instead")

    def test_refuses_what_json_cannot_represent(self):
        cases = [
            (float("nan"), ": it is NaN or infinite, use None instead"),
            ({"a": [0, float("inf")]}, ".a[1]: it is NaN or infinite, use None instead"),
            (object(), ": JSON has no object, use a dict with its data"),
            ({"a": {1}}, ".a: JSON has no set, use sorted(x) or list(x)"),
            ({2020: "a", "2020": "b"}, ": it has the keys 2020 and '2020', which JSON cannot tell"),
            ({None: 1}, ": it has the key None, and JSON has only texts as keys, use str(key)"),
            ({1.5: 3}, ": it has the key 1.5, and JSON has only texts as keys, use str(key)"),
        ]
        for value, message in cases:
            with self.subTest(value=value):
                self.assert_refused(value, message)
        with self.assertRaisesRegex(TypeError, r"Cannot write job\.kwargs\.a: JSON has no set"):
            self.describe(DLJob("dl_jobs.helpers", kwargs={"a": {1}}))

    def assert_refused(self, value, message):
        with self.assertRaises(TypeError) as caught:
            self.describe(DLJob("dl_jobs.helpers", args_list=[0, value]))
        expected = "Cannot write job.args_list[1]" + message
        self.assertEqual(str(caught.exception)[: len(expected)], expected)

    def test_finds_modules_without_running_them(self):
        with open(os.path.join(self.folder, "fails.py"), "w") as file:
            file.write("raise ValueError")
        os.makedirs(os.path.join(self.folder, "space", "deep"))
        open(os.path.join(self.folder, "space", "deep", "__init__.py"), "w").close()
        with mock.patch.object(sys, "path", [self.folder]):
            for name, path in (("fails", "fails.py"), ("space.deep", "space/deep/__init__.py")):
                self.assertEqual(_description.module_file(name), os.path.join(self.folder, path))
            for name in ("none", "fails.more", "space.none"):
                with self.assertRaisesRegex(ModuleNotFoundError, "there is no such file in"):
                    _description.module_file(name)


class RunMethods(unittest.TestCase):
    options = {"gpus": 0, "noisy": True}

    def keywords(self, function, *args, **kwargs):
        return _run_method._keywords("m.f", function, args, kwargs, self.options)

    def test_receive_the_options_that_they_declare(self):
        cases = [
            (self.keywords(lambda: 0), {}),
            (self.keywords(lambda gpus: 0), {"gpus": 0}),
            (self.keywords(lambda a, gpus=3: 0, 1), {"gpus": 0}),
            (self.keywords(lambda a, gpus: 0, 1, 2), {}),
            (self.keywords(lambda gpus: 0, gpus=2), {"gpus": 2}),
            (self.keywords(lambda *args, **kwargs: 0, 1), {"gpus": 0, "noisy": True}),
            (self.keywords(lambda **kwargs: 0, noisy="no"), {"gpus": 0, "noisy": "no"}),
            (self.keywords(lambda *, noisy: 0), {"noisy": True}),
        ]
        for found, expected in cases:
            self.assertEqual(found, expected)

    def test_refuse_other_arguments(self):
        cases = [
            (lambda: self.keywords(lambda a: 0), "missing a required argument: 'a'"),
            (lambda: self.keywords(lambda a: 0, 1, 2), "too many positional arguments"),
            (lambda: self.keywords(lambda a: 0, 1, b=2), "unexpected keyword argument 'b'"),
            (lambda: self.keywords(lambda a: 0, 1, a=2), "multiple values for argument 'a'"),
        ]
        for call, message in cases:
            expected = message + r"; its parameters are m\.f"
            with self.assertRaisesRegex(_run_method.UsageError, expected):
                call()

    def test_return_jobs(self):
        job = DLJob("dl_jobs.helpers")
        for returned in (job, [job], (job,), [None, job], (one for one in [job])):
            self.assertEqual(list(_run_method.jobs_in(returned, "m.f")), [job])

    def test_may_return_nothing_else(self):
        cases = [
            (None, "it returned nothing,"),
            (
                "x",
                "it returned a value of type str, a run method returns a DLJob or a list of them; "
                "to call it for each element of a list, write dl_jobs map m.f LIST$",
            ),
            ([3], "it returned a list with a value of type int,"),
            ([], "it returned a list without a job,"),
            ([None], "it returned a list without a job,"),
        ]
        for returned, message in cases:
            with self.assertRaisesRegex(_run_method.UsageError, 'run "m.f": ' + message):
                list(_run_method.jobs_in(returned, "m.f"))


class Runs(unittest.TestCase):
    def test_never_start_in_a_worker(self):
        with mock.patch.dict(sys.modules, {"_dl_jobs_worker": sys}):
            with self.assertRaisesRegex(JobError, 'below if __name__ == "__main__":'):
                DLJob("dl_jobs.helpers").run()


class TaskMethods(unittest.TestCase):
    def test_return_the_value_of_json_text(self):
        cases = [('{"a": 1}', {"a": 1}), ("text", "text"), ('"text"', "text"), ("3", 3)]
        for text, value in cases:
            self.assertEqual(as_task(lambda _, text=text: text, True, False)(0), value)
        self.assertEqual(as_task(as_json(lambda x: [x]), False, False)(1), [1])
        self.assertEqual(as_task(lambda x: "[1]", False, False)(1), "[1]")

    def test_receive_the_arguments_of_a_call(self):
        given = {"args": [{"a": 1}], "kwargs": {"b": 2}}
        cases = [
            (lambda *args, **kwargs: [args, kwargs], [({"a": 1},), {"b": 2}]),
            (expand_args(lambda *args, **kwargs: [args, kwargs]), [({"a": 1},), {"b": 2}]),
            (lambda args, **more: [args, more], [[{"a": 1}], {"b": 2}]),
            (lambda args, kwargs: [args, kwargs], [[{"a": 1}], {"b": 2}]),
            (lambda one, b: [one, b], [{"a": 1}, 2]),
        ]
        for function, expected in cases:
            self.assertEqual(as_task(function, True, True)(given), expected)

    def test_declare_no_parameter_for_a_context(self):
        for function in (as_json(lambda a, b: 0), as_task(lambda a, b: 0, True, False)):
            self.assertEqual(parameters(function)[:1], ["args"])

    def test_may_be_coroutine_functions(self):
        async def double(x):
            return json.dumps(2 * x)

        self.assertEqual(asyncio.run(as_task(double, True, False)(2)), 4)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.folder = folder.name
        self.addCleanup(folder.cleanup)

    def program(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, stat.S_IRWXU)
        return path

    def found(self, **env):
        with mock.patch.dict(os.environ, env, clear=True):
            return _command.command()

    def test_is_the_one_that_started_this_process(self):
        self.assertEqual(self.found(_DL_JOBS_COMMAND='["deno", "run"]'), ["deno", "run"])

    def test_is_the_first_on_path_but_never_this_package_itself(self):
        self.program("venv/dl_jobs", "#!/usr/bin/python3\nfrom dl_jobs.cli import main\n")
        real = self.program("bin/dl_jobs", "#!/bin/sh\n")
        path = os.pathsep.join(os.path.join(self.folder, name) for name in ("venv", "bin"))
        self.assertEqual(self.found(PATH=path), [real])

    def test_is_in_the_checkout(self):
        deno = self.program("bin/deno", "#!/bin/sh\n")
        checkout = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        cli = os.path.join(checkout, "cli.ts")
        expected = [deno, "run", "-A", "--quiet", "--no-lock", cli]
        self.assertEqual(self.found(PATH=os.path.dirname(deno)), expected)

    def test_runs_whatever_the_script_writes_to(self):
        closed, words = io.StringIO(), json.dumps([sys.executable, "-c", "raise SystemExit(3)"])
        closed.close()
        for stream in (None, closed, object()):
            with mock.patch.dict(os.environ, _DL_JOBS_COMMAND=words):
                with mock.patch.object(sys, "stdout", stream):
                    self.assertEqual(_command.call([]), 3)

    def test_may_be_missing(self):
        with self.assertRaisesRegex(_command.CommandNotFound, "it is not on PATH, and .*; install"):
            self.found(PATH=self.folder, HOME=self.folder)


if __name__ == "__main__":
    unittest.main()
