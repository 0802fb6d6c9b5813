/**
 * The `report` command: the page of a job as one file.
 *
 * @module
 */

import { readRecord } from "../job_dir/record.ts";
import type { Call, Command } from "./args.ts";
import { JOB_NAMES, jobOf } from "./output.ts";

/** `dl_jobs report`. */
export const reportCommand: Command = {
  name: "report",
  usage: "report [JOB] [options]",
  doc: `Write the page of a job with its data as one HTML file, as it stands now. ${JOB_NAMES}`,
  options: [
    {
      name: "out",
      type: "text",
      default: null,
      doc: "The file; else NAME_ID.html in the working directory.",
    },
  ],
  config: false,
  run: runReport,
};

async function runReport(call: Call): Promise<number> {
  const folder = jobOf(call);
  const { name, id } = readRecord(folder);
  const path = String(call.flags.out ?? `${name.replaceAll(/[\s/\\:]+/g, ".")}_${id}.html`);
  const { makeReport } = await import("../web/report.ts");
  const html = await makeReport(folder);
  await Deno.writeTextFile(path, html);
  console.error(`Wrote ${path}, ${Math.ceil(html.length / 1024)} KB`);
  return 0;
}
