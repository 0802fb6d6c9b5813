/**
 * The entries of a session.
 *
 * @module
 */

import { job } from "../../../lib/api/shorthand.ts";
import { trackRun } from "../../../lib/api/runs.ts";
import { Session } from "../../../repl/session.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("Session reads entries from the history, and failures from the REPL", async () => {
  await using folder = await makeFolder({ "session": "#V2\nold\n", "kept": "old\n" });
  const files = { history: `${folder.path}/session`, kept: `${folder.path}/kept` };
  const repl: { _: unknown; _error: unknown } = { _: undefined, _error: undefined };
  const session = new Session(files, repl);
  const type = (line: string, after: Partial<typeof repl>) => {
    const text = Deno.readTextFileSync(files.history);
    if (!text.endsWith(`${line}\n`)) Deno.writeTextFileSync(files.history, `${text}${line}\n`);
    const wasBusy = session.isBusy;
    Object.assign(repl, after);
    // The REPL reads `closed` more than once for each entry.
    session.recordEntry();
    session.recordEntry();
    return wasBusy;
  };
  const error = new Error("no");
  assertEquals(session.isBusy, false);
  assertEquals(type("function f() {\\n  return '\\\\n';\\n}", { _: undefined }), true);
  type("f(", { _error: error });
  type("n++", { _: 0 });
  type("n++", { _: 1 });
  type("  ", { _: undefined });
  session.recordEntry();
  assertEquals(session.isBusy, false);
  assertEquals(session.entries, [
    { source: "function f() {\n  return '\\n';\n}", hasFailed: false },
    { source: "f(", hasFailed: true },
    { source: "n++", hasFailed: false },
    { source: "n++", hasFailed: false },
    { source: "  ", hasFailed: false },
  ]);
  const kept = ["old", "function f() {\\n  return '\\\\n';\\n}", "f(", "n++", "  ", ""].join("\n");
  assertEquals(await Deno.readTextFile(files.kept), kept);
});

Deno.test("Session does not store the values of variables", async () => {
  await using folder = await makeFolder({ "session": "#V2\n", "kept": "" });
  const files = { history: `${folder.path}/session`, kept: `${folder.path}/kept` };
  const session = new Session(files, { _: undefined, _error: undefined });
  job((x: number) => x, { argsList: 1, env: { TOKEN: "hush-hush-1" } });
  job((x: number) => x, { argsList: 1, env: ["KEY=hush-hush-2", "PATH"] });
  const line = 'job(f, { env: { TOKEN: "hush-hush-1", KEY: "hush-hush-2", PATH: "/bin" } })';
  await Deno.writeTextFile(files.history, `#V2\n${line}\n`);
  session.recordEntry();
  assertEquals(
    await Deno.readTextFile(files.kept),
    'job(f, { env: { TOKEN: "***", KEY: "***", PATH: "/bin" } })\n',
  );
  assertEquals(session.entries.map(({ source }) => source), [line]);
});

Deno.test("Session marks an entry as failed when the run that it started fails", async () => {
  await using folder = await makeFolder({ "session": "#V2\n" });
  const files = { history: `${folder.path}/session`, kept: `${folder.path}/kept` };
  const session = new Session(files, { _: undefined, _error: undefined });
  const run = { hasEnded: false, hasFailed: false, cancel() {} };
  trackRun(run);
  await Deno.writeTextFile(files.history, "#V2\nconst run = local(j)\n");
  session.recordEntry();
  assertEquals(session.entries.map(({ hasFailed }) => hasFailed), [false]);
  run.hasFailed = true;
  assertEquals(session.entries.map(({ hasFailed }) => hasFailed), [true]);
});

Deno.test("Session does not blame an entry for the run of a repeated one before it", async () => {
  await using folder = await makeFolder({ "session": "#V2\n" });
  const files = { history: `${folder.path}/session`, kept: `${folder.path}/kept` };
  const repl: { _: unknown; _error: unknown } = { _: undefined, _error: undefined };
  const session = new Session(files, repl);
  const run = () => trackRun({ hasEnded: true, hasFailed: true, cancel() {} });
  await Deno.writeTextFile(files.history, "#V2\nawait local(j)\n");
  repl._ = {};
  session.recordEntry();
  // The history file has one line for both.
  run();
  repl._error = new Error("no");
  session.recordEntry();
  run();
  repl._ = {};
  session.recordEntry();
  await Deno.writeTextFile(files.history, "#V2\nawait local(j)\nconst a = 1\n");
  session.recordEntry();
  assertEquals(session.entries.map(({ source, hasFailed }) => [source, hasFailed]), [
    ["await local(j)", false],
    ["await local(j)", true],
    ["const a = 1", false],
  ]);
});

Deno.test("Session finds a new entry when the history is full", async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `old${i}`);
  await using folder = await makeFolder({ "session": `#V2\n${lines.join("\n")}\n` });
  const files = { history: `${folder.path}/session`, kept: `${folder.path}/kept` };
  const session = new Session(files, { _: undefined, _error: undefined });
  const moved = [...lines.slice(1), "const a = 1"];
  await Deno.writeTextFile(files.history, `#V2\n${moved.join("\n")}\n`);
  session.recordEntry();
  assertEquals(session.entries, [{ source: "const a = 1", hasFailed: false }]);
});
