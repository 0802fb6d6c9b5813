/**
 * Prepares a release: `deno task release 0.2.0`. With `--dry-run`, only checks whether a release is
 * possible. With `--tagged`, checks that the project is prepared for the release.
 *
 * docs/guides/releases.md describes the steps around it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { findings } from "./release/checks.ts";
import { CHANGELOG, type Release, setRelease } from "./release/files.ts";
import { nextVersion } from "./release/version.ts";

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { "dry-run": { type: "boolean" }, tagged: { type: "boolean" } },
    allowPositionals: true,
  });
  const isTagged = values.tagged === true, isDryRun = values["dry-run"] === true;
  const version = positionals[0] ?? (isDryRun ? nextVersion() : undefined);
  if (version === undefined) throw new TypeError("Cannot release: write the version, as 0.2.0");
  const release: Release = { version, day: new Date().toISOString().slice(0, 10), isTagged };
  const found = await findings(release);
  for (const text of found) console.error(`Cannot release ${version}: ${text}`);
  if (found.length > 0) return 1;
  if (isDryRun || isTagged) {
    console.log(`${version} can be released`);
    return 0;
  }
  await setRelease(release);
  console.log(
    `Wrote deno.json and ${CHANGELOG}. Next:\n` +
      `  git commit -am "chore: release ${version}"\n` +
      `  git tag -a v${version} -m "dl_jobs ${version}"\n` +
      "  git push --follow-tags",
  );
  return 0;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(`Error: ${(error as Error).message}`);
  Deno.exit(2);
}
