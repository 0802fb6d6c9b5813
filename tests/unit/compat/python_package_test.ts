/**
 * The Python package `dl_jobs`.
 *
 * @module
 */

import denoJson from "../../../deno.json" with { type: "json" };
import { packageSources } from "../../../lib/compat/python_package.ts";
import { fromFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";

const PYTHON = fromFileUrl(new URL("../../../python", import.meta.url).href);

/** Modules that only an installed package needs. */
const INSTALLED_ONLY = ["__main__", "cli"];

/** Modules of the worker that the package uses. */
const WORKER = ["", ".results", ".signature", ".sources", ".values"]
  .map((name) => `dl_jobs.worker${name}`);

Deno.test("packageSources() returns each module of the package", async () => {
  const sources = await packageSources();
  const names = Array.from(Deno.readDirSync(`${PYTHON}/dl_jobs`), ({ name }) => name)
    .filter((name) => name.endsWith(".py")).map((name) => name.slice(0, -".py".length))
    .filter((name) => !INSTALLED_ONLY.includes(name) && name !== "_checkout");
  const expected = names.map((name) => name === "__init__" ? "dl_jobs" : `dl_jobs.${name}`);
  assertEquals(Object.keys(sources).sort(), [...expected, ...WORKER].sort());
  const helpers = Deno.readTextFileSync(`${PYTHON}/dl_jobs/helpers.py`);
  assertEquals(sources["dl_jobs.helpers"], ["/<dl_jobs>/dl_jobs/helpers.py", false, helpers]);
  const [path, isPackage] = sources["dl_jobs.worker"]!;
  assertEquals([path, isPackage], ["/<dl_jobs>/dl_jobs/worker/__init__.py", true]);
});

Deno.test("the Python package has the version of the command", () => {
  const text = Deno.readTextFileSync(`${PYTHON}/dl_jobs/__init__.py`);
  assertEquals(/^__version__ = "(.*)"$/m.exec(text)?.[1], denoJson.version);
});
