/**
 * Commands that run in a folder with the user code of these tests.
 *
 * @module
 */

import { fromFileUrl } from "../../../lib/util/paths.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { endOf } from "../../support/jobs.ts";

/** The path of the command. */
export const CLI = fromFileUrl(new URL("../../../cli.ts", import.meta.url).href);
const TESTDATA = new URL("../../testdata/cli/", import.meta.url);
const FILES = [
  ...["work.ts", "broken.ts", "bursts.ts"],
  ...["run/jobs.ts", "run/broken.ts", "run/bursts.ts"],
];

/** The circumstances of a command. */
interface Call {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The end of a command. */
interface Done {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** One line of a table: a command, and its expected outcome. */
type Case = { readonly args: string | readonly string[] } & Partial<Done & Call>;

/** A folder with the user code of these tests. */
export async function makeProject(more: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const texts = await Promise.all(FILES.map((file) => Deno.readTextFile(new URL(file, TESTDATA))));
  return await makeFolder({ ...Object.fromEntries(FILES.map((f, i) => [f, texts[i]!])), ...more });
}

/** Starts a command. */
export function command(
  args: string | readonly string[],
  { cwd, env = {} }: Omit<Call, "stdin">,
  stdin: "piped" | "null",
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", CLI, ...typeof args === "string" ? words(args) : args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command to its end. */
export async function dlJobs(args: string | readonly string[], call: Call): Promise<Done> {
  const process = command(args, call, call.stdin === undefined ? "null" : "piped");
  const { stdout, stderr, code } = await endOf(process, call.stdin);
  return { out: plain(stdout, call.cwd), err: plain(stderr, call.cwd), code };
}

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

/** Removes the parts of an output that differ between runs. */
export function plain(text: string, cwd: string): string {
  return text
    .replaceAll(cwd, "DIR")
    .replace(/\d{8}T\d{6}-[\da-f]{6}/g, "ID")
    .replace(/\d{8}T\d{6}(-\d+)?/g, "TIME")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/g, "CLOCK")
    .replace(/, in [\d.]+ m?s/g, ", in MS")
    .replace(/^ {2}times {3}.*\n/gm, "");
}

/** Runs the commands of a table and compares their outputs, exit statuses and files. */
export async function checkAll(
  t: Deno.TestContext,
  cwd: string,
  cases: readonly Case[],
): Promise<void> {
  for (const { args, out = "", err = "", code = 0, ...call } of cases) {
    await t.step(typeof args === "string" ? args || "(nothing)" : args.join(" "), async () => {
      assertEquals(await dlJobs(args, { cwd, ...call }), { out, err, code });
    });
  }
}

/** Returns the messages of a job that succeeded, or of one with a failed task. */
export function said(
  name: string,
  total: number,
  { failed = "", engine = "local", results = `results/${name}_TIME.ndjson`, log = true } = {},
): string {
  return [
    `${name}: job ID on ${engine}`,
    `${total - (failed ? 1 : 0)} of ${total} succeeded${failed ? ", 1 failed" : ""}, in MS`,
    ...failed ? [`  failed  ${failed}`] : [],
    ...results ? [`  results ${results}`] : [],
    ...failed ? [`  errors  errors/${name}_TIME.ndjson`] : [],
    ...log ? [`  log     logs/${name}_TIME.log`] : [],
    ...failed ? ["  next    dl_jobs retry ID"] : [],
    "",
  ].join("\n");
}

/** The lines of the only file in a folder. */
export async function linesIn(folder: string): Promise<unknown[]> {
  const [file, ...others] = await Array.fromAsync(Deno.readDir(folder));
  assertEquals(others, []);
  const text = await Deno.readTextFile(`${folder}/${file!.name}`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Each ndjson file that a job wrote into a project, errors as their messages. */
export async function readAll(root: string): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
      if (name === ".dl_jobs") continue;
      if (isDirectory) await walk(`${folder}${name}/`);
      if (!name.endsWith(".ndjson")) continue;
      const text = await Deno.readTextFile(`${root}/${folder}${name}`);
      const values = text.trimEnd().split("\n").map((line) => JSON.parse(line));
      const key = plain(folder + name, root);
      found[key] = values.map((value) => value?.ERROR ?? value);
    }
  };
  await walk("");
  return found;
}
