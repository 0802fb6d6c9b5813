/**
 * The JSON of every command, and the files of a job, against the schemas in docs/schemas/.
 *
 * @module
 */

import { loadAjv } from "../../../lib/deps.ts";
import { COMMANDS } from "../../../lib/cli/mod.ts";
import { jobFolder } from "../../../lib/job_dir/layout.ts";
import { ResourceLog } from "../../../lib/job_dir/resources.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder, eventLines, kill, readLines, runJob } from "../../support/jobs.ts";

const SCHEMAS = new URL("../../../docs/schemas/", import.meta.url);

type Schema = Record<string, unknown>;

/** Reads a schema, in which an object has only the fields that the schema names. */
function strictSchema(name: string): Schema {
  const closed = (_key: string, value: unknown) =>
    typeof value === "object" && value !== null && "properties" in value
      ? { additionalProperties: false, ...value }
      : value;
  return JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, SCHEMAS)), closed);
}

/** Returns the reasons why a value does not fit a schema. */
async function misfits(name: string, value: unknown): Promise<unknown> {
  const { Ajv } = await loadAjv("draft7"), ajv = new Ajv({ strict: false, allErrors: true });
  const fits = ajv.compile(strictSchema(name));
  if (fits(value)) return [];
  return fits.errors!.map(({ instancePath, message, params }) => ({
    instancePath,
    message,
    params,
  }));
}

const WORK = `
  export const task = (x, ctx) => {
    console.log("saw", x);
    ctx.log("seen", { x });
    if (x === 2) throw new RangeError("two");
    return { x };
  };
`;

async function makeJobs(): Promise<void> {
  const job = { moduleName: "./work.ts#task", workers: 1 };
  await runJob({ ...job, name: "good", argsList: [0, 1] });
  await runJob({ ...job, name: "bad", argsList: [0, 1, 2], maxAttempts: 2, backoff: 0 });
  await runJob({ ...job, name: "half", argsList: [0, 1] });
  const id = listJobs().at(-1)!;
  kill(jobFolder(id), { read: 1 });
}

const ok = { schema_version: 1, ok: true };

/** The calls, with the schema and the start of their JSON. */
const CALLS: [line: string, schema: string, error?: Readonly<Record<string, unknown>>][] = [
  ["jobs", "jobs"],
  ["status bad", "status"],
  ["status half", "status"],
  ["errors bad", "errors"],
  ["errors good", "errors"],
  ["logs bad", "logs"],
  ["logs bad --follow", "logs"],
  ["logs bad --task 0", "logs"],
  ["results good", "results"],
  ["results bad --errors", "results"],
  ["results good --with-args", "results"],
  ["why bad 2", "why"],
  ["doctor inline", "doctor"],
  ["query rows", "query"],
  ["verify good --run 1", "verify"],
  ["cancel good", "cancel"],
  ["resume half -q", "resume"],
  ["retry bad -q", "resume", {
    code: "tasks_failed",
    message: "1 task did not succeed",
    next: "dl_jobs retry ID",
    docs: "failures and resuming",
  }],
  ["clean --keep 1 --dry-run", "clean"],
  ["rm good --yes", "rm"],
  ["status good", "envelope", {
    code: "job_not_found",
    message: 'Cannot find job "good": dl_jobs jobs lists the jobs of this folder',
    next: "dl_jobs jobs",
  }],
  ["status --jsn", "envelope", {
    code: "usage",
    message: 'Cannot use option "--jsn": did you mean --json?',
  }],
];

Deno.test("every --json is one object, with the fields of its schema", async (t) => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await makeJobs();
  for (const [line, schema, error] of CALLS) {
    await t.step(line, async () => {
      const args = line === "query rows"
        ? ["query", "select * from tasks", "bad"]
        : line.split(" ");
      const { code, stdout } = await cli([...args, "--json"]);
      const { schema_version, ok: isOk, error: said, ...fields } = JSON.parse(stdout);
      assertEquals({ schema_version, ok: isOk }, { ...ok, ok: !error });
      const plain = said &&
        JSON.parse(JSON.stringify(said).replace(/\d{8}T\d{6}-\w{6}|last/, "ID"));
      assertEquals([plain, code === 0], [error, !error]);
      const own = schema === "envelope" ? { schema_version, ok: isOk, error: said } : fields;
      assertEquals(await misfits(schema, own), []);
    });
  }
});

/** The schemas of commands that have that of another. */
const SHARED: Readonly<Record<string, string>> = { retry: "resume", pause: "set", continue: "set" };

Deno.test("every command with --json has a schema", async () => {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const names = commands.filter(({ options }) => options.some(({ name }) => name === "json"))
    .map(({ name }) => SHARED[name] ?? name);
  const files = Array.from(Deno.readDirSync(SCHEMAS), ({ name }) => name.replace(".json", ""));
  assertEquals(names.filter((name) => !files.includes(name)), []);
});

Deno.test("the files of a job fit their schemas", async () => {
  await using _folder = await enterFolder({ "work.ts": WORK });
  await makeJobs();
  for (const id of listJobs()) {
    const folder = jobFolder(id);
    const { sum: _sum, ...record } = JSON.parse(Deno.readTextFileSync(`${folder}/job.json`));
    const check = async (schema: string, value: unknown) =>
      assertEquals([id, value, await misfits(schema, value)], [id, value, []]);
    await check("job_record", record);
    await check("journal_header", JSON.parse(readLines(`${folder}/events.ndjson`)[0]!));
    for (const line of eventLines(folder)) {
      const event = JSON.parse(line), isSuccess = "result" in event;
      // A success is stored without the fields that have their usual values.
      const whole = isSuccess ? { attempt: 1, ms: 0, type: "succeeded", ...event } : event;
      if ("attempt" in whole) await check("journal_event", whole);
    }
    for (const line of readLines(`${folder}/logs.ndjson`)) {
      await check("log_line", JSON.parse(line));
    }
    for (const line of readLines(`${folder}/spans.ndjson`)) await check("span", JSON.parse(line));
    // Jobs of less than a second have no samples of their workers.
    new ResourceLog(folder).add(1000, [{ worker: "0", memory: 5e7, cpu: 400, tasks: [] }]);
    for (const line of readLines(`${folder}/resources.ndjson`)) {
      await check("resource_sample", JSON.parse(line));
    }
  }
});
