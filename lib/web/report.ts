/**
 * The page and the data of one job in one HTML file.
 *
 * @module
 */

import { buildPage, pageHtml } from "./page.ts";
import { argsOf, lastLogs } from "./details.ts";
import { escapeHtml } from "../util/escape_html.ts";
import type { ReportData, Snapshot } from "./protocol.ts";
import { JobSummary } from "./summaries.ts";

const MAX_ARGS = 2000;

/**
 * Returns the HTML of a job in its current state. It loads nothing, so it opens from a file.
 *
 * @param folder the job's folder
 * @throws {Error} When the journal has another version.
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
  const rest: Omit<ReportData, "sample"> = {
    made: new Date().toISOString(),
    snapshot,
    logs: await lastLogs(folder),
    args: await argsOf(folder, tasksOf(snapshot), MAX_ARGS),
  };
  const json = `${JSON.stringify(rest).slice(0, -1)},"sample":${summary.sample()}}`;
  // `</script>` in the data would end the script.
  return { name: snapshot.job.name, data: json.replaceAll("<", "\\u003c") };
}

/** Returns the tasks that the report links to. */
function tasksOf({ failures, slowest }: Snapshot): Set<number> {
  const failed = failures.groups.flatMap(({ examples }) => examples);
  return new Set([...failed, ...slowest].map(({ id }) => id));
}

/**
 * Returns the hash by which a policy allows an inline script or style.
 *
 * @see https://www.w3.org/TR/CSP3/#grammardef-hash-source
 */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
