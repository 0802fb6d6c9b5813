import { loadError } from "../../../../lib/engines/shared/load_error.ts";
import type { LoadError } from "../../../../lib/journal/format.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertInstanceOf } from "../../../support/assert.ts";

Deno.test("loadError() names the interpreter that has no such module", () => {
  const stack = 'Traceback (most recent call last):\n  File "/a.py", line 1, in <module>\n' +
    "    import rasterio\nModuleNotFoundError: No module named 'rasterio'";
  const error = { type: "ModuleNotFoundError", message: "No module named 'rasterio'", stack };
  for (
    const [during, aim] of [[undefined, "load the function"], ["setup", "set up a worker"]] as const
  ) {
    assertEquals(
      loadError({ ...error, class: "error", during }, ["uv", "run", "python"]).message,
      `Cannot ${aim}: No module named 'rasterio' for the interpreter "uv run python", ` +
        "install the module there, or set --python to another one\n" +
        '  File "/a.py", line 1, in <module>\n    import rasterio',
    );
  }
});

Deno.test("loadError() explains why the function cannot be loaded", async (t) => {
  const stack = "RangeError: no disk\n    at file:///a.ts:1:7";
  const cases: [name: string, error: Omit<LoadError, "class">, message: string][] = [
    [
      "no function",
      { type: "NoFunction", message: '"size" of tiles.ts is not a function' },
      'Cannot call the function: "size" of tiles.ts is not a function',
    ],
    [
      "a program that is missing",
      { type: "NoProgram", message: 'no folder of PATH has the program "x"' },
      'Cannot run the program: no folder of PATH has the program "x", install it there, or write ' +
      "its path there",
    ],
    [
      "a program with a path that is missing",
      { type: "NoProgram", message: "/opt/x does not exist", stack },
      "Cannot run the program: /opt/x does not exist, install it there",
    ],
    [
      "a module that throws",
      { type: "RangeError", message: "no disk", stack },
      "Cannot load the function: its module threw RangeError: no disk\n    at file:///a.ts:1:7",
    ],
    [
      "a module that uses a variable of CommonJS",
      { type: "ReferenceError", message: "module is not defined" },
      "Cannot load the function: its module threw ReferenceError: module is not defined, " +
      'use export, name the file .cjs, or write "type": "commonjs" in package.json',
    ],
    [
      "a module that uses another variable",
      { type: "ReferenceError", message: "size is not defined" },
      "Cannot load the function: its module threw ReferenceError: size is not defined",
    ],
    [
      "a module that throws without a stack",
      { type: "string", message: "no disk" },
      "Cannot load the function: its module threw string: no disk",
    ],
    [
      "a setup that throws",
      { type: "RangeError", message: "no disk", stack, during: "setup" },
      "Cannot set up a worker: setup threw RangeError: no disk\n    at file:///a.ts:1:7",
    ],
    [
      "a setup that exits",
      { type: "Unready", message: "called exit(1)", during: "setup" },
      "Cannot set up a worker: setup called exit(1)",
    ],
    [
      "a module that exits",
      { type: "Unready", message: "called exit(1)" },
      "Cannot load the function: its module called exit(1)",
    ],
  ];
  for (const [name, error, message] of cases) {
    await t.step(name, () => {
      const found = loadError({ ...error, class: "error" });
      assertInstanceOf(found, UsageError);
      assertEquals(found.message, message);
    });
  }
});
