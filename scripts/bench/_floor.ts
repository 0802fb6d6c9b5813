/**
 * The floor: what a plain loop over an ndjson file costs, with no guarantee at all.
 *
 * `deno run -A _floor.ts module method input output concurrency`
 *
 * @module
 */

const [module = "", method = "", input = "", output = "", concurrency] = Deno.args;
const { [method]: fn } = await import(`file://${module}`);
const source = Deno.openSync(input);
const target = Deno.openSync(output, { write: true, create: true, truncate: true });
const decoder = new TextDecoder(), encoder = new TextEncoder();
const buffer = new Uint8Array(64 * 1024);

let running = 0, wake = () => {}, rest = "", text = "";
for (let size; (size = source.readSync(buffer)) !== null;) {
  rest += decoder.decode(buffer.subarray(0, size), { stream: true });
  let at = 0;
  for (let end; (end = rest.indexOf("\n", at)) >= 0; at = end + 1) {
    const value = fn(JSON.parse(rest.slice(at, end)));
    if (value instanceof Promise) await start(value);
    else text += JSON.stringify(value) + "\n";
  }
  rest = rest.slice(at);
  if (text.length >= buffer.length) flush();
}
while (running > 0) await next();
flush();

/** Lets a call run, and waits where there are as many as may be. */
async function start(value: Promise<unknown>): Promise<void> {
  running++;
  value.then((result) => {
    text += JSON.stringify(result) + "\n";
    running--;
    wake();
  });
  if (running === Number(concurrency)) await next();
}

function next(): Promise<void> {
  return new Promise((resolve) => wake = resolve);
}

function flush(): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += target.writeSync(bytes.subarray(at));
  text = "";
}
