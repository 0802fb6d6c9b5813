/**
 * Hosts that cannot run a job: each is told with the words of ssh before anything runs.
 *
 * @module
 */

import type { HostOptions } from "../../tools/ssh_hosts/config.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { besides } from "../support/besides.ts";
import { endOf, startCli } from "../support/jobs.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

/** A host with the words that say what is wrong with it. */
type Bad = readonly [words: RegExp, host: HostOptions, ssh?: string];

const REFUSALS: Readonly<Record<string, Bad>> = {
  "a key that it refuses": [/Permission denied \(publickey/, { isAllowed: false }],
  "a key that known_hosts does not have": [/Host key verification failed/, { isKnown: false }],
  "a key that has changed": [/Host key verification failed|REMOTE HOST IDENTIFICATION/, {}],
  "a home without programs": [/noexec|Permission denied/, { hasDeno: false, home: "noexec" }],
  "no space": [/needs \d+ MB, but has \d+ MB free/, { hasDeno: false, home: "size=9m" }],
  "an old C library": [/glibc 2\.17.*needs glibc/, {
    hasDeno: false,
    programs: { getconf: "#!/bin/sh\necho glibc 2.17\n" },
  }],
  "an unknown system": [/SunOS sun4v/, {
    hasDeno: false,
    programs: { uname: `#!/bin/sh\ncase $1 in -s) echo SunOS ;; *) echo sun4v ;; esac\n` },
  }],
  "a setup that fails": [/no module/, {}, "setup=echo no module >&2; exit 7"],
  "another path of deno": [/\/opt\/deno/, {}, "deno=/opt/deno"],
  "a folder that is not there": [/\/proc\/x/, {}, "folder=/proc/x"],
};

const UNKNOWN = "nowhere.invalid";
const cases = Object.entries(REFUSALS);
/** All hosts that cannot run a job, each with its claim and its name. */
const hosts: readonly (readonly [claim: string, name: string, Bad])[] = [
  ...cases.map(([claim, bad], i) => [claim, `h${i + 1}`, bad] as const),
  ["an unknown name", UNKNOWN, [/Could not resolve hostname/, {}]],
];
const good = `h${cases.length + 1}`;
useHosts({
  count: cases.length + 1,
  hosts: Object.fromEntries(cases.map(([, [, host]], i) => [`h${i + 1}`, host])),
});
if (!whyNot) {
  const changed = cases.findIndex(([name]) => name.includes("changed"));
  Deno.test.beforeAll(() => theHosts().changeKey(`h${changed + 1}`));
}

/** Starts a job of ten tasks, each of which waits until its host has the file `go`. */
function begin(folder: Folder, ...ssh: string[]): Deno.ChildProcess {
  const flags = [...ssh, `command=ssh -F ${theHosts().config}`].flatMap((one) => ["--ssh", one]);
  const args = ["map", "work.ts", "list.ndjson", "--engine", "ssh", "--ordered", ...flags];
  return startCli(args, { cwd: folder.path });
}

const FILES = {
  "work.ts": `export async function task(x: number) {
  while (!Array.from(Deno.readDirSync("/var/tmp")).some(({ name }) => name === "go")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return x + 1;
}
`,
  "list.ndjson": Array.from({ length: 10 }, (_, i) => `${i}\n`).join(""),
};

Deno.test({
  name: `ssh: a job on a host that cannot run it ends before anything runs${skipped}`,
  ignore: whyNot !== undefined,
  fn: async (t) => {
    await besides(t, hosts.map(([name, host, bad]) => [name, () => assertRefused(host, bad)]), 3);
  },
});

async function assertRefused(host: string, [words, , ssh]: Bad): Promise<void> {
  await using folder = await makeFolder(FILES);
  const process = begin(folder, `hosts=${host}`, ...ssh === undefined ? [] : [ssh]);
  const { code, stdout, stderr } = await within(endOf(process, ""), host);
  assertEquals([code, stdout], [2, ""], stderr);
  const [line = ""] = stderr.split("\n").filter((line) => line.startsWith("Error: "));
  assertMatch(line, words);
  assert(line.includes(host), line);
  if (host === UNKNOWN) return;
  await until(() => theHosts().processes(host).length === 0, `${host} runs nothing`);
  assertEquals(theHosts().run(host, "ls -A .cache/dl_jobs/jobs 2>/dev/null || :"), "");
}

Deno.test({
  name: `ssh: hosts that cannot run a job are told, and another one runs it${skipped}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using folder = await makeFolder(FILES);
    const bad = hosts.filter(([, , [, , ssh]]) => ssh === undefined);
    const process = begin(folder, `hosts=${[...bad.map(([, host]) => host), good]}`);
    const words = bad.map(([, host, [words]]) => new RegExp(`host ${host}: .*(${words.source})`));
    const [forWait, forEnd] = process.stderr.tee();
    const told = untilMatched(forWait, words).then(() => theHosts().run(good, "touch /var/tmp/go"));
    await process.stdin.close();
    const [stdout, stderr, { code }] = await Promise.all([
      new Response(process.stdout).text(),
      new Response(forEnd).text(),
      process.status,
      within(told, "all hosts are told"),
    ]);
    assertEquals([code, stdout], [0, SUM], stderr);
    const lines = stderr.split("\n").filter((line) => line.includes("Cannot use the host"));
    assertEquals(lines.length, bad.length, stderr);
  },
});

const SUM = Array.from({ length: 10 }, (_, i) => `${i + 1}\n`).join("");

/** Reads a stream until its text matches all patterns. */
async function untilMatched(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  patterns: readonly RegExp[],
): Promise<void> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (patterns.every((pattern) => pattern.test(text))) return;
  }
  throw new Error(`the job did not tell all hosts: ${text}`);
}
