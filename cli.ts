/**
 * The `dl_jobs` command: `deno run -A cli.ts run module.method`.
 *
 * @module
 */

import { main } from "./lib/cli/mod.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
