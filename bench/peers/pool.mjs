// tinypool or piscina over an ndjson file:
// node pool.mjs tinypool|piscina method input output workers concurrency pool-options

import { readFileSync, writeFileSync } from "node:fs";

const [library, name, input, output, workers, concurrency, options] = process.argv.slice(2);
const { default: Pool } = await import(library);
const list = readFileSync(input, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const pool = new Pool({
  filename: new URL("tasks.mjs", import.meta.url).href,
  name,
  minThreads: Number(workers),
  maxThreads: Number(workers),
  ...JSON.parse(options),
});

// The number of calls in flight is limited, because submitting all calls at once is slower.
const results = [];
const lists = list.values();
await Promise.all(Array.from({ length: Number(concurrency) }, async () => {
  for (const args of lists) results.push(JSON.stringify(await pool.run(args)));
}));
writeFileSync(output, results.join("\n") + "\n");
await pool.destroy();
