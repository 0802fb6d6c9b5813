/**
 * Tasks whose services limit them.
 *
 * @module
 */

import { findJob } from "../../../lib/job_dir/find.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, enterFolder, eventLines, readLines } from "../../support/jobs.ts";
import { start, writeList } from "../../support/moves.ts";

const RATE = new URL("../../../lib/worker/rate_limited.ts", import.meta.url).href;

// The first attempt of each even task is limited.
const WORK = `
import { RateLimited } from "${RATE}";
export async function limited(x) {
  if (x % 2 === 1) return x;
  try {
    await Deno.mkdir("seen" + x);
  } catch {
    return x;
  }
  throw new RateLimited(0.05);
}
export const always = () => { throw new RateLimited(0.01) };
`;

const PYTHON = `
import os
from dl_jobs import RateLimited, check_rate

class Response:
    status_code = 429
    headers = {"Retry-After": "0.05"}

def limited(x):
    if x % 2 == 1:
        return x
    try:
        os.mkdir("seen%d" % x)
    except FileExistsError:
        return x
    check_rate(Response())
`;

const PROGRAM = "case {} in *[02468]) mkdir seen{} 2> /dev/null && exit 75 ;; esac; echo {}";

/** The limited attempts of the only job, by their tasks. */
function limitedIds(): number[] {
  const lines = eventLines(findJob()).map((line) => JSON.parse(line));
  assert(lines.every(({ type, attempt = 1 }) => type !== "retried" && attempt === 1));
  return lines.filter(({ type }) => type === "limited").map(({ id }) => id).sort();
}

/** Commands whose tasks are limited once. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "TypeScript": ["work.js#limited", "list.ndjson"],
  "Python": ["work.py#limited", "list.ndjson"],
  "a program": ["list.ndjson", "--shell", "--command", PROGRAM],
  "inline": ["work.js#limited", "list.ndjson", "--engine", "inline"],
};

Deno.test("a limited attempt is not charged, and runs again", async (t) => {
  for (const [kind, words] of Object.entries(KINDS)) {
    await t.step(kind, async () => {
      await using _folder = await enterFolder({ "work.js": WORK, "work.py": PYTHON });
      await writeList(6);
      const { code, stdout, stderr } = await cli(["map", ...words]);
      assertEquals(code, 0, stderr);
      assertEquals(
        stdout.split("\n").filter(Boolean).map((line) => Number(JSON.parse(line))).sort(),
        [0, 1, 2, 3, 4, 5],
      );
      assertEquals(limitedIds(), [0, 2, 4]);
    });
  }
});

Deno.test("a task that is always limited fails in the end", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const { code, stderr } = await cli(["map", "--retry", "limited=3", "work.js#always", ":::", "1"]);
  assertEquals(code, 1);
  assertMatch(stderr, /failed +task 0: the service limits requests/);
  assertEquals(limitedIds(), [0, 0]);
});

Deno.test("keys wait for their own rates, and a rate can be set while a job runs", async () => {
  await using folder = await enterFolder({
    "work.js":
      `export const began = (x) => Deno.writeTextFileSync("began", x.host + "\\n", { append: true });`,
  });
  const lines = [..."aaabcd"].map((host) => JSON.stringify({ host }) + "\n");
  await folder.write("list.ndjson", lines.join(""));
  const job = await start("map", "work.js#began", "list.ndjson", "--rate", "{host}=1/h", "-j1");
  await until(() => readLines("began").length >= 4, "each key has begun", 60_000);
  assertEquals(readLines("began"), ["a", "b", "c", "d"]);
  const { stderr } = await cli(["set", "rate=none"]);
  assertMatch(stderr, /Changed rate=none/);
  assertEquals((await job.end).code, 0);
  assertEquals(readLines("began"), ["a", "b", "c", "d", "a", "a"]);
});

// A folder of each host, which two tasks cannot make, shows that one runs at a time. The first task
// of host a ends after all others of host b. Its worker dies, and it begins again.
const ONE = `
const exists = (path) => { try { return !!Deno.statSync(path) } catch { return false } };
export async function one({ host, n }) {
  if (host === "a" && n === 0 && !exists("died")) {
    Deno.mkdirSync("died");
    Deno.exit(1);
  }
  Deno.mkdirSync(host);
  while (host === "a" && n === 0 && !exists("last")) await new Promise((go) => setTimeout(go, 5));
  if (host === "b" && n === 5) Deno.mkdirSync("last");
  Deno.removeSync(host);
  return n;
}
`;

Deno.test("one task of each key runs at a time, while tasks of other keys run", async () => {
  await using folder = await enterFolder({ "work.js": ONE });
  const lines = [..."ab"].flatMap((host) =>
    [0, 1, 2, 3, 4, 5].map((n) => `{"host":"${host}","n":${n}}\n`)
  );
  await folder.write("list.ndjson", lines.join(""));
  const flags = ["--rate", "{host}=1 at a time", "--workers", "3", "--retry", "crash=2"];
  const { code, stdout, stderr } = await cli(["map", "work.js#one", "list.ndjson", ...flags]);
  assertEquals(code, 0, stderr);
  assertEquals(stdout.split("\n").length, 13);
});

Deno.test("one task runs at a time, whatever the number of workers", async (t) => {
  const source = `
    export async function alone(x) {
      Deno.mkdirSync("alone");
      await new Promise((go) => setTimeout(go, 1));
      Deno.removeSync("alone");
      return x;
    }`;
  for (const flags of [["--workers", "3", "--concurrency", "4"], ["--engine", "inline"]]) {
    await t.step(flags.join(" "), async () => {
      await using _folder = await enterFolder({ "work.js": source });
      await writeList(40);
      const rate = ["--rate", "1 at a time", ...flags];
      const { code, stderr } = await cli(["map", "work.js#alone", "list.ndjson", ...rate]);
      assertEquals(code, 0, stderr);
    });
  }
});

Deno.test("a rate by a key that no task has says so once", async () => {
  await using _folder = await enterFolder({ "list.ndjson": '{"host":"a"}\n{"host":"b"}\n' });
  const map = ["map", "list.ndjson", "-q", "--rate", "{hots}=50/s", "--stdout", "none"];
  const { code, stderr } = await cli([...map, "--", "echo", "{host}"]);
  assertEquals(code, 0);
  assertEquals(
    stderr.match(/^Warning.*/gm),
    [
      "Warning: tasks without a value for the key {hots} of the rate share one: task 0: the argument " +
      "has no value for {hots}: its keys are host",
    ],
  );
});

Deno.test("tasks begin at their rate, also after a long start of the worker", async () => {
  const source = `
    const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    export const setup = () => rest(1000);
    export const when = async () => { const now = Date.now(); await rest(300); return now; };
  `;
  await using _folder = await enterFolder({ "work.js": source });
  // At this rate, the last task begins two seconds after the first.
  await writeList(40);
  const flags = ["--workers", "1", "--concurrency", "40", "--rate", "20/s", "--quiet"];
  const { stdout } = await cli(["map", "work.js#when", "list.ndjson", ...flags]);
  const times = stdout.trim().split("\n").map(Number).toSorted((a, b) => a - b);
  assert(times.at(-1)! - times[0]! > 250, `tasks began at ${times}`);
});

Deno.test("concurrency adapts, and a rate is refused where it cannot be kept", async () => {
  await using _folder = await enterFolder({ "work.js": "export const same = async (x) => x;" });
  await writeList(50);
  const flags = ["--concurrency", "auto:4", "--progress", "json", "-o", "out.ndjson"];
  const { code, stderr } = await cli(["map", "work.js#same", "list.ndjson", ...flags]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /"note":"at most [1-4] at a time"/);
  const refused = await cli(["map", "work.js#same", "list.ndjson", "--rate", "9"]);
  assertEquals(refused.code, 2);
  assertMatch(refused.stderr, /^Error: Cannot use the rate "9": write tasks and a unit of time/);
});
