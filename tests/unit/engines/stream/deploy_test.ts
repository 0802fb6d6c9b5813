import { sendMissing } from "../../../../lib/engines/stream/deploy.ts";
import { endShell, startConnector } from "../../../../lib/engines/stream/shell.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { within } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";

const MISSING = { goal: "test", advice: "install it" };
const LIMIT_MS = 30_000;

/** Starts a script of `sh`, which is the connection to a host. */
const shell = (script: string) => startConnector("sh", ["-c", script], MISSING);

/** Sends a program of a megabyte over a connection. */
function send(
  folder: string,
  start: (script: string) => ReturnType<typeof shell>,
  answerMs?: number,
) {
  const far = { folder, advice: "free some space", version: "1.2.3", program: "far-1.js" };
  const facts = { deno: "/deno", program: "", system: "", libc: "", free: "", root: folder };
  const sent = { ...far, code: "/".repeat(1_000_000), answerMs };
  return within(sendMissing(start, facts, sent, new AbortController().signal), "the end", LIMIT_MS);
}

Deno.test("sendMissing() ends a connection that takes no more bytes, or does not answer", async () => {
  await using folder = await makeFolder();
  for (const stalled of ["head -c 1000 >/dev/null; sleep 100", "cat >/dev/null; sleep 100"]) {
    const started: ReturnType<typeof shell>[] = [];
    const start = () => started[started.push(shell(stalled)) - 1]!;
    const error = await assertRejects(() => send(folder.path, start, 100), Error);
    assertMatch(error.message, /^far-1\.js did not get further for 400 ms$/);
    // Another try can help, and its turn is free.
    assertEquals([error instanceof UsageError, started.length], [false, 1]);
    assertEquals((await started[0]!.ended).code !== 0, true);
  }
});

Deno.test("sendMissing() tells a host that refuses a file from a connection that ends", async () => {
  await using folder = await makeFolder({ "file": "" });
  const lost = () => send(folder.path, () => shell("echo closed by host >&2; exit 255"));
  const error = await assertRejects(lost, Error);
  assertEquals(error.message, "the connection ended while far-1.js was sent: closed by host");
  assert(!(error instanceof UsageError), "another try can help");
  const refused = () => send(`${folder.path}/file/jobs`, shell);
  const words = await assertRejects(refused, UsageError, "it cannot store");
  assertMatch(words.message, /Not a directory.*, free some space$/);
  await send(`${folder.path}/jobs`, shell);
  assertEquals(Deno.statSync(`${folder.path}/jobs/far-1.js`).size, 1_000_000);
});

Deno.test("sendMissing() reads the free space of a file system whose name has spaces", async () => {
  const system = Deno.build.os === "linux" ? `Linux ${Deno.build.arch}` : "Darwin arm64";
  const far = { folder: "/x", advice: "free some space", version: "1.2.3", program: "far-1.js" };
  const start = () => shell("cat >/dev/null; echo refused >&2; exit 3");
  const send = (free: string) => {
    const facts = { deno: "", program: "far-1.js", system, libc: "glibc 2.36", free, root: "/x" };
    return sendMissing(start, facts, { ...far, code: "" }, new AbortController().signal);
  };
  const share = "//nas/our data";
  await assertRejects(() => send(`${share} 90000000 10 89999990 1% /x`), UsageError, "refused");
  await assertRejects(() => send(`${share} 90000000 89999990 10 99% /x`), UsageError, "1 MB free");
});

Deno.test("sendMissing() reads Deno again after an error, and leaves no connection", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/deno`, { execPath } = Deno, started: ReturnType<typeof shell>[] = [];
  const start = () => started[started.push(shell("cat >/dev/null; echo no >&2; exit 3")) - 1]!;
  const far = { folder: "/x", advice: "free some space", version: "1.2.3", program: "far-1.js" };
  const system = Deno.build.os === "linux" ? `Linux ${Deno.build.arch}` : "Darwin arm64";
  const facts = { deno: "", program: "there", system, libc: "glibc 2.36", free: "", root: "/x" };
  const send = () => sendMissing(start, facts, { ...far, code: "" }, new AbortController().signal);
  Deno.execPath = () => path;
  try {
    await assertRejects(send, Deno.errors.NotFound);
    Deno.writeTextFileSync(path, "deno");
    await assertRejects(send, UsageError, "no");
    Deno.removeSync(path);
    await assertRejects(send, Deno.errors.NotFound);
  } finally {
    Deno.execPath = execPath;
  }
  const ends = await within(Promise.all(started.map(({ ended }) => ended)), "the ends", LIMIT_MS);
  assertEquals(ends.map(({ code }) => code), [3, 143]);
});

Deno.test("endShell() ends what a script has started, too", async () => {
  const script = shell("sleep 100; echo never");
  endShell(script);
  const { code } = await within(script.ended, "the end", LIMIT_MS);
  assertEquals(code, 143);
});
