/**
 * The command `dl_jobs errors`, and `dl_jobs retry --group`.
 *
 * @module
 */

import { listJobs } from "../../../lib/job_dir/find.ts";
import { jobFiles, jobFolder } from "../../../lib/job_dir/layout.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";
import { dlJobs, makeProject } from "./commands.ts";

const FETCH = `
export function fetchTile(tile: number) {
  if (Deno.env.has("MENDED")) return tile;
  if (tile === 0) return tile;
  throw new TypeError(\`HTTP \${tile % 3 ? 404 : 503} for https://example.com/tiles/\${tile}\`);
}
`;
const TIME = "[A-Z][a-z]{2} \\d+ \\d{4} [\\d:]{8}";

Deno.test("dl_jobs errors lists kinds of failures, and retry --group runs one again", async () => {
  await using folder = await makeProject({ "fetch.ts": FETCH });
  const cwd = folder.path, stdin = "0\n1\n2\n3\n4\n5\n";
  await dlJobs("map fetch.ts#fetchTile - -q --workers 1 --output out.ndjson", { cwd, stdin });
  const listed = await dlJobs("errors", { cwd });
  assertEquals({ ...listed, out: withoutTimes(listed.out) }, {
    err: "",
    code: 0,
    out: `Job ID: 5 failed tasks, 2 kinds

1  4 tasks, TIME
   TypeError: HTTP 404 for https://example.com/tiles/1
   at fetch.ts:5 (fetchTile)
   task 1  1
   task 2  2  HTTP 404 for https://example.com/tiles/2
   task 4  4  HTTP 404 for https://example.com/tiles/4

2  1 task, TIME
   TypeError: HTTP 503 for https://example.com/tiles/3
   at fetch.ts:5 (fetchTile)
   task 3  3
`,
  });
  const { groups: [, second] } = JSON.parse((await dlJobs("errors --json", { cwd })).out);
  const { first, last, examples: [{ ms: _, stack: __, ...example }], ...group } = second;
  assertEquals([group, example, first === last, new Date(first).toISOString() === first], [
    {
      ...{ group: 2, count: 1, class: "error", type: "TypeError" },
      ...{ message: "HTTP 503 for https://example.com/tiles/3", frame: "fetch.ts:5 (fetchTile)" },
    },
    { task: 3, attempt: 1, args: "3", message: "HTTP 503 for https://example.com/tiles/3" },
    true,
    true,
  ]);
  const env = { MENDED: "1" };
  const retried = await dlJobs("retry --group 2 -q --json", { cwd, env });
  const { succeeded, failed } = JSON.parse(retried.out);
  assertEquals({ succeeded, failed }, { succeeded: 2, failed: 4 });
  assertEquals(await dlJobs("retry --group 2 -q", { cwd, env }), {
    out: "",
    err: "Error: Cannot find group 2: the failures have 1 group, see dl_jobs errors\n",
    code: 2,
  });
  assertEquals(await dlJobs("retry --group 0 -q", { cwd, env }), {
    out: "",
    err: "Error: Cannot use --group 0: write numbers of groups, see dl_jobs errors\n",
    code: 2,
  });
  await dlJobs("retry -q", { cwd, env });
  const none = await dlJobs("errors", { cwd });
  assertEquals({ ...none, err: withoutTimes(none.err) }, {
    out: "",
    err: "Job ID has no failed tasks\n",
    code: 0,
  });
});

Deno.test("dl_jobs errors shows a message of several lines on one line", async () => {
  const text =
    `export function task() { throw new Error("Command failed: false\\nno\\tfile\\n"); }`;
  await using folder = await makeProject({ "m.ts": text });
  const cwd = folder.path;
  await dlJobs("map m.ts#task - -q", { cwd, stdin: "0\n" });
  const { out } = await dlJobs("errors", { cwd });
  assertStringIncludes(out, "   Command failed: false\\nno\\tfile\n   at m.ts:1 (task)\n");
});

function withoutTimes(text: string): string {
  return text.replaceAll(new RegExp(`(?:at ${TIME}|${TIME} to ${TIME})`, "g"), "TIME")
    .replaceAll(/\d{8}T\d{6}-[0-9a-f]{6}/g, "ID");
}

Deno.test("dl_jobs errors and why refuse a damaged list", async (t) => {
  const files = {
    "fails.ts": `export const odd = (x: number) => {
  if (x % 2) throw new Error("odd");
};`,
  };
  await using _folder = await enterFolder(files);
  await cli(["map", "fails.ts#odd", "-q", "--workers", "1"], { input: "0\n1\n2\n3\n" });
  const [id] = listJobs(Deno.cwd()), { tasks, sums } = jobFiles(jobFolder(id!));
  const kept = [tasks, sums].map((path) => [path, Deno.readTextFileSync(path)] as const);
  const damages: [name: string, damage: () => void][] = [
    ["another line", () => Deno.writeTextFileSync(tasks, "0\n5\n2\n3\n")],
    ["a shorter list", () => Deno.truncateSync(tasks, 2)],
    ["no list", () => Deno.removeSync(tasks)],
    ["no checksums", () => Deno.removeSync(sums)],
  ];
  for (const [name, damage] of damages) {
    await t.step(name, async () => {
      damage();
      for (const args of [["errors", "--json"], ["why", "1"]]) {
        const { code, stdout, stderr } = await cli(args);
        assertEquals([code, stdout.includes('"args"')], [1, false]);
        assertStringIncludes(stdout + stderr, `Cannot read the list of job ${id}: tasks.ndjson `);
      }
      for (const [path, text] of kept) Deno.writeTextFileSync(path, text);
    });
  }
  const { code, stderr } = await cli(["why", "4"]);
  assertEquals([code, stderr], [
    2,
    `Error: Cannot find task 4: the list of job ${id} is shorter\n`,
  ]);
});

Deno.test("dl_jobs why tells no time of an attempt whose worker was killed", async () => {
  const work = 'export const die = () => Deno.kill(Deno.pid, "SIGKILL");';
  await using folder = await makeProject({ "work.ts": work });
  const cwd = folder.path;
  await dlJobs("map work.ts#die - -q", { cwd, stdin: "1\n" });
  const { out, code } = await dlJobs("why 0", { cwd });
  assertEquals([
    code,
    /Attempt 1 .*failed(?: after \S+ \w+)?/.exec(out)?.[0].match(/failed.*/)?.[0],
  ], [
    0,
    "failed",
  ]);
});
