/**
 * Writes the page and the data of one job as a single HTML file.
 *
 * @module
 */

import { buildPage, pageHtml } from "./page.ts";
import { argsOf, detailsOf, lastLogs } from "./details.ts";
import { escapeHtml } from "../util/text/escape_html.ts";
import type { ReportData, Snapshot } from "./protocol.ts";
import { JobSummary } from "./summaries.ts";

const MAX_ARGS = 2000;

/**
 * Creates a report of a job in its current state. The HTML needs no other files and no server.
 *
 * @param folder the job's folder
 * @returns the HTML
 * @throws {Error} when the journal has an unsupported version.
 */
export async function makeReport(folder: string): Promise<string> {
  const [{ script, style }, { name, data }] = await Promise.all([buildPage(), dataOf(folder)]);
  const policy = [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return pageHtml({
    title: `${escapeHtml(name)}, dl_jobs report`,
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
  const rest: Omit<ReportData, "sample"> = {
    made: new Date().toISOString(),
    snapshot,
    logs: await lastLogs(folder),
    slow: await Promise.all(snapshot.slowest.map(({ id }) => detailsOf(folder, id))),
    args: await argsOf(folder, tasksOf(snapshot), MAX_ARGS),
  };
  const json = `${JSON.stringify(rest).slice(0, -1)},"sample":${summary.sample()}}`;
  // `</script>` in the data would close the script element.
  return { name: snapshot.job.name, data: json.replaceAll("<", "\\u003c") };
}

/**
 * Returns the ids of the tasks that the report links to: running tasks, failure examples and the
 * slowest tasks.
 */
function tasksOf({ failures, slowest, running, active }: Snapshot): Set<number> {
  const failed = failures.groups.flatMap(({ examples }) => examples);
  const long = (active?.workers ?? []).flatMap(({ tasks }) => tasks);
  return new Set([...running, ...long, ...failed, ...slowest].map(({ id }) => id));
}

/**
 * Returns the hash that lets a content security policy allow an inline script or style.
 *
 * @see https://www.w3.org/TR/CSP3/#grammardef-hash-source
 */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
