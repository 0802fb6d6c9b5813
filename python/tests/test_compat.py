"""The modules that code of the original package imports."""

import asyncio
import contextlib
import datetime
import io
import json
import os
import tempfile
import unittest

from dl_jobs import config, constants, helpers, image_map, nd_json, utils
from dl_jobs.decorators import as_json, attempt, expand_args


@as_json
@attempt
@expand_args
def divide(a, b=2):
    """Divides."""
    return {"quotient": a / b}


class Decorators(unittest.TestCase):
    def test_spreads_what_one_task_receives(self):
        @expand_args
        def given(*args, **kwargs):
            return args, kwargs

        cases = [
            (given([1, 2]), ((1, 2), {})),
            (given({"a": 1}), ((), {"a": 1})),
            (given([1], {"b": 2}), ((1,), {"b": 2})),
            (given(args=[{"a": 1}]), (({"a": 1},), {})),
            (given(args=[1], kwargs={"b": 2}), ((1,), {"b": 2})),
            (given(kwargs={"b": 2}), ((), {"b": 2})),
            (given({"args": [1]}), ((), {"args": [1]})),
            (given("text"), (("text",), {})),
            (given(7), ((7,), {})),
            (given(None), ((None,), {})),
            (given(1, 0), ((1, 0), {})),
            (given(1, b=2), ((1,), {"b": 2})),
            (given(), ((), {})),
        ]
        for found, expected in cases:
            self.assertEqual((tuple(found[0]), found[1]), expected)

    def test_returns_an_exception_with_its_arguments(self):
        failure = json.loads(divide([1, 0]))
        self.assertIn("in divide", failure.pop("stack"))
        self.assertEqual(
            failure,
            {
                "ERROR": "division by zero",
                "type": "ZeroDivisionError",
                "ARGS": [[1, 0]],
                "KWARGS": {},
            },
        )

        @attempt
        def silent(value):
            raise KeyError()

        self.assertEqual(silent(divide)["ERROR"], "KeyError")
        self.assertEqual(silent(divide)["ARGS"], [repr(divide)])

    def test_returns_json_text(self):
        self.assertEqual(divide(4), '{"quotient": 2.0}')
        self.assertEqual(as_json(lambda: None)(), "{}")
        self.assertEqual(as_json(lambda: "text")(), "text")

    def test_returns_the_value_itself_on_request(self):
        task = {"a": 4, "return_as_dict": True}
        self.assertEqual(divide(task), {"quotient": 2.0})
        self.assertEqual(task, {"a": 4, "return_as_dict": True})
        self.assertEqual(as_json(lambda **kwargs: kwargs)(a=1, return_as_dict="yes"), {"a": 1})
        self.assertEqual(as_json(lambda **kwargs: kwargs)(a=1, return_as_dict="no"), '{"a": 1}')

    def test_keeps_the_name_of_a_function(self):
        self.assertEqual((divide.__name__, divide.__doc__), ("divide", "Divides."))

    def test_wraps_coroutine_functions(self):
        @as_json
        @attempt
        @expand_args
        async def half(a):
            await asyncio.sleep(0)
            return a / 2

        self.assertEqual(asyncio.run(half([4])), "2.0")
        self.assertIn("unsupported", asyncio.run(half("a")))


class Helpers(unittest.TestCase):
    def test_copy_update(self):
        data = {"a": {"b": 1}}
        copy = helpers.copy_update(data, {"c": 2})
        copy["a"]["b"] = 3
        self.assertEqual((data, copy), ({"a": {"b": 1}}, {"a": {"b": 3}, "c": 2}))
        self.assertEqual(helpers.copy_update({}, "key", None), {"key": None})
        self.assertEqual(helpers.copy_update({}, 0, "zero"), {0: "zero"})
        self.assertEqual(helpers.copy_update({"a": 1}, None), {"a": 1})
        with self.assertRaisesRegex(TypeError, r"copy_update\(data, 'key', value\)"):
            helpers.copy_update({}, "key")

    def test_update_list(self):
        self.assertEqual(
            helpers.update_list({"a": 1}, range(2), "id"), [{"a": 1, "id": 0}, {"a": 1, "id": 1}]
        )
        merged = helpers.update_list({"a": 1}, [{"b": 2}, {}])
        self.assertEqual(merged, [{"a": 1, "b": 2}, {"a": 1}])
        self.assertEqual(helpers.update_list({}, ["x"], 0), [{0: "x"}])
        with self.assertRaisesRegex(TypeError, "value 1, 'b': it is not a dict"):
            helpers.update_list({}, [{}, "b"])
        with self.assertRaisesRegex(TypeError, r"pass a list, \['abc'\]"):
            helpers.update_list({}, "abc", "id")

    def test_reads_words(self):
        words = ["False", "none", "off", "0", "Yes", " on ", "text", 3, None]
        expected = [False, False, False, False, True, True, "text", 3, None]
        self.assertEqual([helpers.bool_str(word) for word in words], expected)
        values = ["", "No ", "off", "maybe", "1", 0, 5, None, True]
        expected = [False, False, False, True, True, 0, 5, None, True]
        self.assertEqual([helpers.truthy(value) for value in values], expected)
        with self.assertRaises(ValueError):
            helpers.truthy(1.5)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "lines.ndjson")
        self.addCleanup(self.folder.cleanup)

    def test_writes_one_line_per_value(self):
        nd_json.write({"a": 1}, self.path, overwrite=True)
        nd_json.write([1, "two"], self.path)
        nd_json.write((value for value in [[3]]), self.path)
        nd_json.write('{"four": 4}', self.path)
        nd_json.write([5, 6], self.path, func=json.dumps)
        nd_json.write(iter([7]), self.path, func=lambda value, by: value * by, by=2)
        with open(self.path) as file:
            self.assertEqual(file.read(), '{"a": 1}\n1\ntwo\n[3]\n{"four": 4}\n[5, 6]\n14\n')

    def test_writes_values_as_results_are_written(self):
        day, nan = datetime.date(2020, 1, 2), float("nan")
        with contextlib.redirect_stderr(io.StringIO()) as printed:
            nd_json.write([day, {"a": [nan, (1,)]}, float("inf")], self.path)
        with open(self.path) as file:
            self.assertEqual(file.read(), '"2020-01-02"\n{"a": [null, [1]]}\nnull\n')
        self.assertEqual(
            printed.getvalue(),
            "Warning: nd_json.write: 2 values were NaN or infinite and became null, "
            "first value 1.a[0]\n",
        )
        with self.assertRaisesRegex(TypeError, r"^Cannot write value 0\.a: JSON has no set, use"):
            nd_json.write({"a": {1}}, self.path)

    def test_reads_values(self):
        with open(self.path, "w") as file:
            file.write('\ufeff1\r\n\n{"a": 2}')
        self.assertEqual(nd_json.read(self.path), [1, {"a": 2}])
        self.assertEqual(nd_json.apply(self.path, str, postprocess=len), 2)

    def test_pickles(self):
        utils.save_pickle({"a": (1,)}, self.path)
        self.assertEqual(utils.read_pickle(self.path), {"a": (1,)})

    def test_reads_the_config_file(self):
        with open(self.path, "w") as file:
            file.write(
                "# comment\ncpus: 4\ngpus: '2'\ncpu_job: no\nnoisy: false # quiet\nlog: null\n"
                "module_dir: jobs.run\nsave_results: \"means # 1\"\nsuppress:\n- one\n  - 'two'\n"
                "results_dir: out\nenv:\n  LEVEL: debug\nretry: {oom: 2}\nerrors_dir: 7\n"
            )
        expected = {
            "cpus": 4,
            "gpus": 2,
            "cpu_job": False,
            "noisy": False,
            "log": None,
            "module_dir": "jobs.run",
            "save_results": "means # 1",
            "suppress": ["one", "two"],
            "results_dir": "out",
            "errors_dir": "7",
        }
        found = config.read_file(self.path)
        self.assertEqual({name: found[name] for name in expected}, expected)


class Utilities(unittest.TestCase):
    def test_timer(self):
        timer = utils.Timer("%Y")
        with self.assertRaisesRegex(ValueError, "not started"):
            timer.duration()
        self.assertRegex(timer.start(), r"^\d{4}$")
        self.assertRegex(timer.duration(), r"^0:00:\d\d$")
        self.assertEqual(timer.stop(), timer.end())
        self.assertRegex(utils.Timer().now(), r"^[A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d$")

    def test_names(self):
        self.assertEqual(image_map.get_image("py37"), constants.PY37)
        self.assertEqual(image_map.get_image("host/image:1"), "host/image:1")
        self.assertEqual(utils.suppress("a deprecationwarning here"), "DeprecationWarning")
        self.assertEqual((utils.suppress("fine"), utils.suppress("")), (False, True))
        self.assertEqual(config.get("default_method"), "task")
        self.assertEqual(config.CONFIG["is_dev"], True)
        with self.assertRaises(KeyError):
            config.get("nothing")


if __name__ == "__main__":
    unittest.main()
