/**
 * The cost of a plain loop over an ndjson file, without any guarantee: the floor of the benches.
 *
 * `deno run -A floor.ts module method input output concurrency`
 *
 * @module
 */

import { eachLine, LineWriter } from "./lines.ts";

const [module = "", method = "", input = "", output = "", concurrency] = Deno.args;
const { [method]: fn } = await import(`file://${module}`);
const results = new LineWriter(output);
let running = 0, wake = () => {};
await eachLine(input, (line) => {
  const value = call(JSON.parse(line));
  if (value instanceof Promise) return start(value);
  results.write(JSON.stringify(value));
  return undefined;
});
while (running > 0) await next();
results[Symbol.dispose]();

/** Calls the function. A failure becomes a result with its stack. */
function call(args: unknown): unknown {
  try {
    return fn(args);
  } catch (error) {
    const { message, stack } = error as Error;
    return { ERROR: message, stack };
  }
}

/** Starts a call, and waits while the limit of calls is reached. */
async function start(value: Promise<unknown>): Promise<void> {
  running++;
  value.then((result) => {
    results.write(JSON.stringify(result));
    running--;
    wake();
  });
  if (running === Number(concurrency)) await next();
}

function next(): Promise<void> {
  return new Promise((resolve) => wake = resolve);
}
