/**
 * The page with the data of one job, in one file.
 *
 * @module
 */

import { makePage, pageHtml } from "./page.ts";
import { argsOf, lastLogs } from "./details.ts";
import { escapeHtml } from "../util/escape_html.ts";
import type { Report, Snapshot } from "./protocol.ts";
import { JobSummary } from "./summaries.ts";

const MOST_ARGS = 2000;

/** Makes the HTML of a job as it stands now; it asks nothing of anybody. */
export async function makeReport(folder: string): Promise<string> {
  const [{ script, style }, { name, data }] = await Promise.all([makePage(), dataOf(folder)]);
  const policy = [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return pageHtml({
    title: `${escapeHtml(name)}, a report of dl_jobs`,
    head:
      `<meta http-equiv="content-security-policy" content="${policy}">\n<style>${style}</style>`,
    body: `<script type="application/json" id="report">${data}</script>\n` +
      `<script type="module">${script}</script>`,
  });
}

async function dataOf(folder: string): Promise<{ name: string; data: string }> {
  const summary = new JobSummary(folder);
  while (summary.read());
  const snapshot = summary.snapshot();
  const rest: Omit<Report, "sample"> = {
    made: new Date().toISOString(),
    snapshot,
    logs: await lastLogs(folder),
    args: await argsOf(folder, tasksOf(snapshot), MOST_ARGS),
  };
  const json = `${JSON.stringify(rest).slice(0, -1)},"sample":${summary.sample()}}`;
  // What ends a script must not stand in its data.
  return { name: snapshot.job.name, data: json.replaceAll("<", "\\u003c") };
}

/** The tasks that somebody may want to look at. */
function tasksOf({ failures, slowest }: Snapshot): Set<number> {
  const failed = failures.groups.flatMap(({ examples }) => examples);
  return new Set([...failed, ...slowest].map(({ id }) => id));
}

/** How a policy names a text that may stand in the page. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
