import { ENTRYPOINT } from "../../../lib/engines/compute/entrypoint.ts";
import { farSideInPython } from "../../../lib/engines/compute/far_side_python.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { zip } from "../../support/compute_client.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");

/** A far side that says something, and returns its request. */
const FAR_SIDE = `
const request = JSON.parse(await new Response(Deno.stdin.readable).text());
console.log("said ä");
console.error("complained");
const { mode } = request.settings;
if (mode === "orphan") new Deno.Command("sleep", { args: ["5"] }).spawn().unref();
if (mode === "fail") Deno.exit(3);
if (mode === "killed") Deno.kill(Deno.pid, "SIGKILL");
const bundle = (await import("file://" + request.bundle)).default;
const files = Deno.readDirSync(".").map(({ name }) => name).toArray().sort();
Deno.writeTextFileSync(request.answers, JSON.stringify([bundle, request.packed, files]));
Deno.exit(0);
`;

const FILES = {
  "__dlentrypoint__.py": ENTRYPOINT,
  "dl_jobs/__init__.py": "",
  "dl_jobs/bundle.js": "export default 'the function';",
  "dl_jobs/on_platform.js": FAR_SIDE,
  "data.csv": "",
};

/** Ways in which a platform may load the module, as Python code that defines `main`. */
const IMPORT = "from __dlentrypoint__ import main";
const EXEC = `
scope = {"__name__": "user_code"}
exec(open("BUNDLE/__dlentrypoint__.py").read(), scope)
main = scope["main"]
`;
const EXEC_ZIP = `
import zipfile
scope = {"__name__": "user_code"}
exec(zipfile.ZipFile("BUNDLE.zip").read("__dlentrypoint__.py"), scope)
main = scope["main"]
`;

interface Run {
  readonly load: string;
  /** The entry of the import path: the folder or the zip. */
  readonly path: string;
  /** Code before the call. */
  readonly before?: string;
  readonly mode?: string;
}

/** Calls the entrypoint, and returns its result, what it wrote to `sys.stdout`, and the rest. */
async function call({ load, path, before = "", mode = "ok" }: Run, files = FILES) {
  await using folder = await makeFolder(files);
  await Deno.writeFile(`${folder.path}.zip`, await zip(files));
  try {
    const code = `
import io, json, sys
sys.path.insert(0, "${path}")
${load}
captured = sys.stdout = io.StringIO()
${before}
try:
    result = json.loads(main(0, {"mode": "${mode}"}, [], "packed"))
except (SystemExit, RuntimeError) as error:
    result = repr(error)
sys.stdout = sys.__stdout__
print(json.dumps([result, captured.getvalue()]))
`.replaceAll("BUNDLE", folder.path);
    const { stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", code],
      cwd: "/",
      env: { PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}` },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertMatch(text, /^\[.*\]\n$/, new TextDecoder().decode(stderr));
    const [result, captured] = JSON.parse(text) as [unknown, string];
    return { result, captured: captured.trim().split("\n").sort() };
  } finally {
    await Deno.remove(`${folder.path}.zip`);
  }
}

const CAPTURED = ["complained", "said ä"];
const WHOLE = ["the function", "packed", ["__dlentrypoint__.py", "data.csv", "dl_jobs"]];
// The programs are unpacked to a temporary folder, which has no other files of the zip.
const UNPACKED = ["the function", "packed", ["dl_jobs", "request"]];

const CASES: readonly (readonly [name: string, run: Run, result: unknown, captured?: string[]])[] =
  [
    ["imported from a folder", { load: IMPORT, path: "BUNDLE" }, WHOLE],
    ["without __file__", { load: EXEC, path: "BUNDLE" }, WHOLE],
    ["imported from a zip", { load: IMPORT, path: "BUNDLE.zip" }, UNPACKED],
    ["without __file__, from a zip", { load: EXEC_ZIP, path: "BUNDLE.zip" }, UNPACKED],
    [
      "while a child of the function keeps the output open",
      { load: IMPORT, path: "BUNDLE", mode: "orphan" },
      WHOLE,
    ],
    [
      "without sys.stdout",
      { load: IMPORT, path: "BUNDLE", before: "sys.stdout = None" },
      WHOLE,
      [""],
    ],
    [
      "with an output that takes ASCII only",
      {
        load: IMPORT,
        path: "BUNDLE",
        before: "captured = sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding='ascii')\n" +
          "captured.getvalue = lambda: captured.buffer.getvalue().decode()",
      },
      WHOLE,
      ["complained", "said \\xe4"],
    ],
    [
      "that fails",
      { load: IMPORT, path: "BUNDLE", mode: "fail" },
      "RuntimeError('deno ended with exit code 3')",
    ],
    ["that is killed", { load: IMPORT, path: "BUNDLE", mode: "killed" }, "SystemExit(137)"],
  ];

for (const [name, run, result, captured = CAPTURED] of CASES) {
  Deno.test({
    name: `ENTRYPOINT runs ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => assertEquals(await call(run), { result, captured }),
  });
}

/** A far side in Python that says something, and returns its request. */
const PYTHON_FAR_SIDE = `
import json
import os


def run_slice(settings, ranges, packed, home, folder):
    print("said ä")
    with open(os.path.join(home, "dl_jobs_far_side", "bundle.py")) as file:
        bundle = file.read()
    names = sorted(name for name in os.listdir(home) if name != "__pycache__")
    return json.dumps([bundle, packed, names, os.listdir(folder)]).encode()
`;

for (
  const [name, load, path, expected] of [
    ["imported from a folder", IMPORT, "BUNDLE", [
      ["__dlentrypoint__.py", "data.csv", "dl_jobs_far_side"],
      [],
    ]],
    ["without __file__", EXEC, "BUNDLE", [
      ["__dlentrypoint__.py", "data.csv", "dl_jobs_far_side"],
      [],
    ]],
    ["imported from a zip", IMPORT, "BUNDLE.zip", [["dl_jobs_far_side"], ["dl_jobs_far_side"]]],
    ["without __file__, from a zip", EXEC_ZIP, "BUNDLE.zip", [
      ["dl_jobs_far_side"],
      ["dl_jobs_far_side"],
    ]],
  ] as const
) {
  Deno.test({
    name: `the entrypoint of a Python function runs ${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      const files = {
        "__dlentrypoint__.py": (await farSideInPython())["__dlentrypoint__.py"]!,
        "dl_jobs_far_side/__init__.py": "",
        "dl_jobs_far_side/on_platform.py": PYTHON_FAR_SIDE,
        "dl_jobs_far_side/bundle.py": "the function",
        "data.csv": "",
      };
      const { result, captured } = await call({ load, path }, files as never);
      assertEquals([result, captured], [["the function", "packed", ...expected], ["said ä"]]);
    },
  });
}

Deno.test("farSideInPython() has each file of the folder", async () => {
  const folder = new URL("../../../python/dl_jobs/far_side/", import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name.endsWith(".py")).sort();
  const paths = names.map((name) =>
    name === "entrypoint.py" ? "__dlentrypoint__.py" : `dl_jobs_far_side/${name}`
  );
  assertEquals(Object.keys(await farSideInPython()).sort(), paths.sort());
});
