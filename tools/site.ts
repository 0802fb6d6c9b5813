/**
 * Builds the documentation as a web site: `deno task docs [--out DIR]`, by default in `dist/site`.
 *
 * The site needs no server and no network: open `dist/site/index.html`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ROOT } from "../scripts/steps/deno.ts";
import { buildSite } from "./site/build.ts";

const { values } = parseArgs({ args: [...Deno.args], options: { out: { type: "string" } } });
const out = values.out ?? `${ROOT}/dist/site`;
const count = await buildSite(out);
console.log(`${count} pages: ${out}/index.html`);
