/**
 * Checks whether the project can be released.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { type Graph, readGraph } from "../import_graph.ts";
import { ROOT, runDeno } from "../steps/deno.ts";
import { CHANGELOG, entriesOf, type Release } from "./files.ts";
import { compareVersions, isVersion, VERSION } from "./version.ts";

/** Returns what prevents a release; an empty list when nothing does. */
export async function findings(release: Release): Promise<string[]> {
  const changelog = await Deno.readTextFile(`${ROOT}/${CHANGELOG}`);
  return [
    ...versionFindings(release, VERSION),
    ...changelogFindings(release, changelog),
    ...fileFindings(await readGraph(ROOT), Object.values(config.exports), config.publish.include),
    ...await publishFindings(),
  ];
}

/** Checks the version against that of `deno.json`. */
export function versionFindings({ version, isTagged }: Release, current: string): string[] {
  if (!isVersion(version)) return [`"${version}" is not a version such as ${current}`];
  const order = compareVersions(version, current);
  if (isTagged && order !== 0) return [`deno.json has the version ${current}`];
  if (!isTagged && order <= 0) return [`it is not newer than ${current}, the version in deno.json`];
  return [];
}

/** Checks that the changelog describes the release. */
export function changelogFindings({ version, isTagged }: Release, changelog: string): string[] {
  const title = isTagged ? version : "Unreleased";
  const entries = entriesOf(changelog, title);
  if (entries === undefined) return [`${CHANGELOG} has no part [${title}]`];
  return entries.length === 0 ? [`[${title}] in ${CHANGELOG} has no entries`] : [];
}

/** Checks that everything that is loaded from a URL is published: all imports of the exports. */
export function fileFindings(
  graph: Graph,
  exports: readonly string[],
  published: readonly string[],
): string[] {
  const imports = new Map(graph.map((file) => [file.path, file.imports]));
  const needed = new Set(exports.map((path) => path.replace(/^\.\//, "")));
  for (const path of needed) {
    for (const { target } of imports.get(path) ?? []) if (target) needed.add(target);
  }
  const isPublished = (path: string) =>
    published.some((one) => one.endsWith("/") ? path.startsWith(one) : path === one);
  return [...needed].filter((path) => !isPublished(path))
    .map((path) => `${path} is loaded from a URL, and is not in publish.include of deno.json`);
}

async function publishFindings(): Promise<string[]> {
  const { ok, output } = await runDeno("publish", "--dry-run", "--allow-dirty", "--quiet");
  return ok ? [] : [`deno publish --dry-run fails:\n${output?.trim() ?? ""}`];
}
