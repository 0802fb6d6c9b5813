/**
 * A service that limits requests: the heights of mountains, two requests at once and then five per
 * second. It writes the list of its addresses to a file as soon as it listens, prints each request
 * that it refuses, and ends after five minutes.
 *
 * @module
 */

/** Metres above the sea. */
const HEIGHTS: Readonly<Record<string, number>> = {
  aconcagua: 6961,
  chimborazo: 6263,
  denali: 6190,
  elbrus: 5642,
  fuji: 3776,
  kilimanjaro: 5895,
  "mont-blanc": 4806,
  "mount-cook": 3724,
  olympus: 2918,
  toubkal: 4167,
};

const BURST = 2;
const PER_SECOND = 5;

let left = BURST, since = Date.now();

/** Takes one request from the bucket, which fills again with time. */
function take(): boolean {
  const now = Date.now();
  left = Math.min(BURST, left + (now - since) / 1000 * PER_SECOND);
  since = now;
  if (left < 1) return false;
  left -= 1;
  return true;
}

function answer({ url }: Request): Response {
  const name = new URL(url).pathname.slice(1), height = HEIGHTS[name];
  if (!take()) return refuse(name);
  return height ? Response.json({ name, height }) : new Response(null, { status: 404 });
}

function refuse(name: string): Response {
  console.log(`refused ${name}`);
  return new Response(null, { status: 429, headers: { "retry-after": "1" } });
}

const { port } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer).addr;
const urls = Object.keys(HEIGHTS).map((name) => `http://127.0.0.1:${port}/${name}\n`);
await Deno.writeTextFile(Deno.args[0] ?? "urls.txt", urls.join(""));
setTimeout(() => Deno.exit(), 5 * 60_000);
