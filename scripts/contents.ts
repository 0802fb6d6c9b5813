/**
 * Writes the table of contents of each long page: `deno run -A scripts/contents.ts`.
 *
 * @module
 */

import { contents } from "./reference/page.ts";
import { ROOT, runDeno } from "./steps/deno.ts";

/** Pages with fewer lines are seen as a whole. */
const LONG = 110;
const START = "On this page:";

/** Returns the text of a page with its present table of contents, unformatted. */
export function withContents(text: string): string {
  const plain = text.replace(new RegExp(`^${START}[^]*?\\n\\n`, "m"), "");
  const headings = [...plain.replaceAll(/^```.*?^```$/gms, "").matchAll(/^## (.*)$/gm)]
    .map(([, heading]) => heading!);
  if (plain.split("\n").length < LONG || headings.length < 2) return plain;
  return plain.replace("\n\n", () => `\n\n${START} ${contents(headings)}\n\n`);
}

/** Returns the paths of the pages that are written by hand. */
export function handWritten(): string[] {
  const pages = ["start", "guides", "why", "reference"].flatMap((folder) =>
    Array.from(Deno.readDirSync(`${ROOT}/docs/${folder}`), ({ name }) => `docs/${folder}/${name}`)
  );
  const written = pages.filter((path) => !/reference\/[a-z_]+\.md$/.test(path));
  return ["ARCHITECTURE.md", "CONTRIBUTING.md", ...written];
}

/** Writes the pages whose headings have changed, and formats them. */
export async function writeContents(): Promise<void> {
  const written: string[] = [];
  for (const path of handWritten().map((path) => `${ROOT}/${path}`)) {
    const text = await Deno.readTextFile(path), now = withContents(text);
    if (oneLine(text) === oneLine(now)) continue;
    await Deno.writeTextFile(path, now);
    written.push(path);
  }
  if (written.length === 0) return;
  await runDeno("fmt", "--quiet", ...written);
}

/** Returns a text whose lines may be broken elsewhere. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

if (import.meta.main) await writeContents();
