/**
 * The output of commands on stdout.
 *
 * @module
 */

import { doctorCommand } from "../../../lib/cli/doctor.ts";
import { logsCommand } from "../../../lib/cli/logs.ts";
import { forWholeRows, printAll } from "../../../lib/cli/output.ts";
import { verifyCommand } from "../../../lib/cli/verify.ts";
import { textRows } from "../../../lib/terminal/text_table.ts";
import { enterFolder } from "../../../tools/support/files.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { recordFor } from "../job_dir/record_for.ts";
import { stripVTControlCharacters } from "node:util";

/** Returns what `work` writes to stdout, one text for each write. */
async function writesOf(work: () => Promise<unknown>): Promise<string[]> {
  const { write } = Deno.stdout, texts: string[] = [];
  Deno.stdout.write = (bytes) => {
    texts.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  };
  try {
    await work();
  } finally {
    Deno.stdout.write = write;
  }
  return texts;
}

/** Yields numbered lines, and fails after them if asked to. */
async function* linesOf(count: number, error?: Error): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `line ${i}\n`;
  if (error) throw error;
}

Deno.test("printAll() writes many short texts at once", async () => {
  const writes = await writesOf(() => printAll(linesOf(50_000)));
  assertEquals(writes.join(""), (await Array.fromAsync(linesOf(50_000))).join(""));
  assert(writes.length < 10, `${writes.length} writes`);
});

Deno.test("printAll() writes the texts before an error", async () => {
  const writes = await writesOf(() =>
    assertRejects(() => printAll(linesOf(2, new Error("damaged"))), Error, "damaged")
  );
  assertEquals(writes, ["line 0\nline 1\n"]);
});

Deno.test("dl_jobs logs does not write each line by itself", async (t) => {
  const id = "20260101T000000-000aaa";
  const line = (id: number) => `{"id":${id},"attempt":1,"stream":"stdout","text":"on ${id}\\n"}\n`;
  await using _folder = await enterFolder({
    [`.dl_jobs/${id}/job.json`]: JSON.stringify(recordFor(id)),
    [`.dl_jobs/${id}/logs.ndjson`]: Array.from({ length: 5000 }, (_, i) => line(i)).join(""),
  });
  for (const json of [false, true]) {
    await t.step(json ? "as JSON" : "as text", async () => {
      const flags = { task: null, follow: false, json };
      const call = { flags, positional: [id], keywords: {}, config: {} };
      const writes = await writesOf(() => logsCommand.run(call)), text = writes.join("");
      assertEquals(json ? JSON.parse(text).lines.length : text.split("\n").length - 1, 5000);
      assert(writes.length < 20, `${writes.length} writes`);
    });
  }
});

Deno.test("a terminal gets whole sentences, paths and commands", async () => {
  const id = "20260101T000000-000aaa";
  await using _folder = await enterFolder({
    [`.dl_jobs/${id}/job.json`]: JSON.stringify(recordFor(id)),
  });
  const { isTerminal } = Deno.stdout, path = Deno.env.get("PATH") ?? "";
  Deno.stdout.isTerminal = () => true;
  Deno.env.set("PATH", "");
  const call = { flags: {}, keywords: {}, config: {} };
  try {
    const doctor = await writesOf(() => doctorCommand.run({ ...call, positional: ["kubernetes"] }));
    assertStringIncludes(doctor.join(""), "NAME, a NAME of kubectl config get-contexts\n");
    const verify = await writesOf(() => verifyCommand.run({ ...call, positional: [id] }));
    assertMatch(verify.join(""), /DAMAGED: .{80,}/);
    assert(!verify.join("").includes("…"), verify.join(""));
  } finally {
    Deno.stdout.isTerminal = isTerminal;
    Deno.env.set("PATH", path);
  }
});

Deno.test("a state in color has no blanks after it", () => {
  const { isTerminal } = Deno.stdout;
  Deno.stdout.isTerminal = () => true;
  try {
    const rows = [["state", "failed"], ["folder", "x".repeat(200)]];
    const text = textRows(rows, forWholeRows());
    assertEquals(stripVTControlCharacters(text).split("\n")[0], "state   failed");
  } finally {
    Deno.stdout.isTerminal = isTerminal;
  }
});
