/**
 * The `report` command: writes the page of a job as one file.
 *
 * @module
 */

import { fileStem } from "../job/files/job_name.ts";
import { readRecord } from "../job_dir/record.ts";
import { PRIVATE_FILE } from "../util/files/fs.ts";
import { writeNamed } from "../util/files/named_file.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { JOB_NAMES, jobOf, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs report`. */
export const reportCommand: Command = {
  name: "report",
  usage: "report [JOB] [options]",
  doc: `${SUMMARIES.report} ${JOB_NAMES}`,
  options: [
    {
      name: "out",
      type: "text",
      label: "FILE",
      isPath: true,
      default: null,
      doc: "Path of the file; by default, NAME_ID.html in this directory.",
      example: "job.html",
    },
  ],
  examples: ["dl_jobs report", "dl_jobs report last --out report.html"],
  run: runReport,
};

async function runReport(call: Call): Promise<number> {
  const folder = jobOf(call);
  const { name, id } = readRecord(folder);
  const path = String(call.flags.out ?? `${fileStem(name)}_${id}.html`);
  const { makeReport } = await import("../web/report.ts");
  const html = await makeReport(folder);
  writeNamed(path, html, { mode: PRIVATE_FILE, next: "name another file with --out" });
  say(`Wrote ${path}, ${Math.ceil(html.length / 1024)} KB`);
  return EXIT.done.status;
}
