/**
 * The `doctor` command: shows what works on this machine.
 *
 * @module
 */

import { DOCTOR_PARTS, type DoctorFinding, examine } from "../job/inspect/doctor.ts";
import { textRows } from "../terminal/text_table.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { type JsonError, printJson } from "./json_output.ts";
import type { DoctorJson } from "./json_types.ts";
import { forWholeRows, JSON_FLAG, printLayout } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs doctor`. */
export const doctorCommand: Command = {
  name: "doctor",
  usage: "doctor [PART...] [options]",
  doc: `${SUMMARIES.doctor} The exit status is 1 when the folder, the engine local, or a named ` +
    "part does not work.",
  examples: ["dl_jobs doctor", "dl_jobs doctor slurm python"],
  options: [JSON_FLAG],
  words: DOCTOR_PARTS,
  run: runDoctor,
};

const NEEDED = ["folder", "local"];

async function runDoctor({ positional, flags }: Call): Promise<number> {
  const unknown = positional.find((part) => !DOCTOR_PARTS.includes(part));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot check "${unknown}": the parts are ${DOCTOR_PARTS.join(", ")}`);
  }
  const parts = await examine(positional.length > 0 ? positional : DOCTOR_PARTS);
  const error = notReady(parts, positional.length > 0 ? positional : NEEDED);
  if (flags.json) await printJson<DoctorJson>({ parts }, error);
  else await printLayout(textRows(parts.flatMap(rowsOf), forWholeRows()) + "\n");
  return (error ? EXIT.failed : EXIT.done).status;
}

function rowsOf({ part, isReady, text, mend }: DoctorFinding): string[][] {
  const row = [part, isReady ? "ready" : "no", text];
  return mend === undefined ? [row] : [row, ["", "", `fix: ${mend}`]];
}

function notReady(
  parts: readonly DoctorFinding[],
  needed: readonly string[],
): JsonError | undefined {
  const first = parts.find(({ part, isReady }) => !isReady && needed.includes(part));
  return first && { code: "not_ready", message: `${first.part} does not work: ${first.text}` };
}
