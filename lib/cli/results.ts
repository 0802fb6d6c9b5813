/**
 * The `results` command: prints the results of a job, or its errors.
 *
 * @module
 */

import { OUTPUT_FORMATS, type OutputSource } from "../formats/output.ts";
import { assertJournal, assertList } from "../job_dir/health.ts";
import { readRecord } from "../job_dir/record.ts";
import { printJsonField } from "./json_output.ts";
import { UsageError } from "../util/errors.ts";
import { cells, toRow, toTable } from "../terminal/table.ts";
import { TableLayout } from "../terminal/text_table.ts";
import { parseExact } from "../values/exact_json.ts";
import type { Call, Command } from "./command.ts";
import { ENV_FLAGS, givenEnv } from "./rerun_flags.ts";
import { EXIT } from "./exit_status.ts";
import { forStdout, JOB_NAMES, jobOf, JSON_FLAG, printAll, printLayout, say } from "./output.ts";
import { writeOutput } from "./output_file.ts";
import { formatIn, OUTPUT_FLAGS, outputOf } from "./output_flags.ts";
import {
  asksReduced,
  type OpenSource,
  OTHER_REDUCE_FLAGS,
  reducedSource,
} from "./reduced_results.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs results`. */
export const resultsCommand: Command = {
  name: "results",
  usage: "results [JOB] [options]",
  doc: `${SUMMARIES.results} ${JOB_NAMES}`,
  examples: ["dl_jobs results | head -1", "dl_jobs results last --errors --format table"],
  options: [
    {
      name: "format",
      type: "text",
      default: null,
      choices: [...OUTPUT_FORMATS, "table"],
      doc: "Format of the output; by default, that of the file's ending, or ndjson on stdout.",
    },
    JSON_FLAG,
    { name: "errors", type: "boolean", default: false, doc: "Print the errors, not the results." },
    ...OTHER_REDUCE_FLAGS,
    ...ENV_FLAGS,
    ...OUTPUT_FLAGS,
    {
      name: "ordered",
      type: "boolean",
      default: false,
      doc: "Print results in the order of the list.",
    },
    {
      name: "damaged",
      type: "text",
      default: "refuse",
      choices: ["refuse", "skip"],
      doc: "Treatment of a damaged job: refuse prints nothing, skip prints what is not damaged.",
    },
    {
      name: "rebuild",
      type: "boolean",
      default: false,
      doc: "Write the results and errors files again, and print nothing.",
    },
  ],
  run: runResults,
};

async function runResults(call: Call): Promise<number> {
  const folder = jobOf(call), { flags } = call, isReduced = asksReduced(folder, flags);
  const env = await givenEnv(call);
  if (flags.rebuild && flags.output !== null) {
    throw new UsageError(
      "Cannot use --output with --rebuild, which writes the files of the job: leave out one of them",
    );
  }
  if (!isReduced && Object.keys(env).length > 0) {
    throw new UsageError("Cannot use --env without a reduce: no function is called");
  }
  await checkFiles(folder, flags, isReduced);
  const reduced = isReduced ? await reducedSource(folder, flags, env) : undefined;
  if (flags.rebuild) await rebuild(folder);
  else if (flags.output !== null) await writeFile(folder, flags, reduced);
  else await printResults(folder, flags, reduced);
  return EXIT.done.status;
}

async function rebuild(folder: string): Promise<void> {
  const { rebuildFiles } = await import("../job/inspect/history.ts");
  for (const path of await rebuildFiles(folder)) say(`Wrote ${path}`);
}

async function writeFile(
  folder: string,
  flags: Flags,
  open: OpenSource = (name) => openSource(folder, flags, name),
): Promise<void> {
  const name = String(flags.output), { outputOptions } = outputOf(flags);
  const { assertNoInput } = await import("../job/files/job_inputs.ts");
  assertNoInput(name, readRecord(folder));
  await writeOutput(name, formatIn(flags), () => outputOptions, () => open(name));
  say(`Wrote ${name}`);
}

async function printResults(folder: string, flags: Flags, reduced?: OpenSource): Promise<void> {
  const format = formatIn(flags) ?? "ndjson", { outputOptions } = outputOf(flags);
  const { checkOutputKind, resultsText } = await import("../job/files/writers.ts");
  const isLines = format === "ndjson" || format === "table", name = "the results";
  checkOutputKind("stdout", { format: isLines ? "ndjson" : format }, outputOptions);
  if (isLines) {
    const blocks = reduced
      ? resultsText(await reduced(name), "ndjson", {})
      : await readBlocks(folder, flags);
    return await (format === "table" ? printTable(blocks) : printAll(blocks));
  }
  const source = await (reduced ? reduced(name) : openSource(folder, flags, name));
  const texts = resultsText(source, format, outputOptions);
  if (flags.json) return await printJsonField(flags.errors ? "errors" : "results", texts);
  await printAll(texts);
}

/** Reads results or errors as blocks of lines, in the order in which the tasks ended. */
async function readBlocks(folder: string, flags: Flags): Promise<Blocks> {
  const { errorsOf, resultsOf } = await import("../job/inspect/history.ts");
  if (flags.errors) return errorsOf(folder);
  return resultsOf(folder, { ordered: flags.ordered === true, withArgs: flags.with_args === true });
}

/** Opens results or errors for a writer. */
async function openSource(folder: string, flags: Flags, name: string): Promise<OutputSource> {
  if (flags.errors) {
    const { errorSource } = await import("../job/inspect/history.ts");
    return { ...await errorSource(folder, name), notice: say };
  }
  const { openResults } = await import("../job_dir/result_rows.ts");
  return await openResults(folder, { name, withArgs: flags.with_args === true, notice: say });
}

/**
 * Checks the files that a call reads.
 *
 * @throws {Error} when a file is damaged, unless the user asked to skip what is damaged.
 */
async function checkFiles(folder: string, flags: Flags, isReduced: boolean): Promise<void> {
  const isListUsed = isReduced || flags.errors || flags.with_args || flags.rebuild;
  try {
    assertJournal(folder);
    if (isListUsed) await assertList(folder);
  } catch (error) {
    // Errors and files contain the arguments of any task, so they need the whole list.
    if (flags.damaged !== "skip" || flags.rebuild || flags.errors) throw error;
    say(`Warning: ${(error as Error).message}`);
  }
}

type Flags = Call["flags"];
type Blocks = AsyncIterable<string>;

async function printTable(blocks: Blocks): Promise<void> {
  const all = values(blocks), first = await takeSome(all);
  const table = toTable(first), left = new Set<string>();
  const layout = new TableLayout(table, forStdout());
  await printLayout(layout.head + "\n");
  for (let some = first; some.length > 0; some = await takeSome(all)) {
    const rows = some.map(cells);
    for (const key of rows.flatMap(Object.keys)) if (!table.head.includes(key)) left.add(key);
    await printLayout(rows.map((row) => layout.line(toRow(row, table.head)) + "\n").join(""));
  }
  if (left.size > 0) say(leftOut([...left]));
}

/** Yields the results. Their numbers keep the digits of the JSON text. */
async function* values(blocks: Blocks): AsyncGenerator<unknown> {
  for await (const block of blocks) {
    for (const line of block.slice(0, -1).split("\n")) yield parseExact(line);
  }
}

// The first results determine the columns and their widths, because the results may not all fit in
// memory.
const SAMPLED = 1000;

async function takeSome(values: AsyncGenerator<unknown>): Promise<unknown[]> {
  const first: unknown[] = [];
  while (first.length < SAMPLED) {
    const { done, value } = await values.next();
    if (done) break;
    first.push(value);
  }
  return first;
}

function leftOut(keys: readonly string[]): string {
  return `Warning: the table has no column for ${keys.join(", ")}: ` +
    `the first ${SAMPLED} results have no such key, use --format ndjson for all`;
}
