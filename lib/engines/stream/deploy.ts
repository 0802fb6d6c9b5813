/**
 * Sends what a host does not have: Deno, and the program of dl_jobs.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { onAbort } from "../../util/on_abort.ts";
import { denoFor, type HostSystem } from "./deno_binary.ts";
import { PASS_STDIN } from "./protocol.ts";
import { denoFile, NEED_MARK, REFUSED, storeCommand } from "./remote_script.ts";
import { endShell, type FarProgram, type StartShell } from "./shell.ts";
import { SilenceLimit } from "./silence_limit.ts";

/** The facts that a host printed because it cannot start the program yet. */
export interface HostFacts extends HostSystem {
  /** The path of a usable Deno; empty when there is none. */
  readonly deno: string;
  /** Not empty when the program is there. */
  readonly program: string;
  /** The line of `df -Pk` of the folder; empty when the folder cannot be created. */
  readonly free: string;
  /** The folder of dl_jobs. */
  readonly root: string;
}

/** Returns the facts in the output of a host; `undefined` when there are none. */
export function parseFacts(text: string): HostFacts | undefined {
  const start = text.indexOf(NEED_MARK);
  if (start < 0) return undefined;
  const value = (name: string) =>
    new RegExp(`^${name} ?(.*)$`, "m").exec(text.slice(start))?.[1]?.trim() ?? "";
  return {
    deno: value("deno"),
    program: value("program"),
    system: value("system"),
    libc: value("libc"),
    free: value("free"),
    root: value("root"),
  };
}

/** A file to send. */
interface SentFile {
  /** Its size, in bytes. */
  readonly size: number;
  /** Its hash. */
  readonly sha256: string;
  /** Opens its content. */
  readonly open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/**
 * Sends the files that a host does not have.
 *
 * @param signal ends it
 * @throws {UsageError} when the host cannot run Deno, has no space, or refuses a file.
 * @throws {Error} when the connection ends or stalls. A later try can help.
 */
export async function sendMissing(
  start: StartShell,
  facts: HostFacts,
  far: FarProgram,
  signal: AbortSignal,
): Promise<void> {
  const { program, version, deno, advice, code } = far;
  const send = (file: SentFile, name: string, test?: string) =>
    sendFile(start, far, file, { name, test, signal });
  if (facts.deno === "" && deno !== undefined) {
    throw new UsageError(`${deno} is not Deno ${version} there, set --ssh deno=auto to send it`);
  }
  if (facts.deno === "") {
    const file = await fileAt(await denoFor(facts, version));
    checkSpace(facts, file.size, advice);
    await send(file, denoFile(version, facts.system), '"$F" --version >/dev/null');
  }
  if (facts.program === "") await send(await fileOf(new Blob([code])), program);
}

const known = new Map<string, Promise<SentFile>>();

/** Returns a file on this machine, which is read for its hash only once. */
function fileAt(path: string): Promise<SentFile> {
  const file = known.get(path) ?? Deno.readFile(path).then(async (bytes) => ({
    ...await fileOf(new Blob([bytes])),
    open: async () => (await Deno.open(path)).readable,
  }));
  known.set(path, file);
  // An error, such as a limit on open files, may have passed at the next try.
  file.catch(() => known.delete(path));
  return file;
}

async function fileOf(blob: Blob): Promise<SentFile> {
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const open = () => Promise.resolve(blob.stream());
  return { size: blob.size, sha256: new Uint8Array(hash).toHex(), open };
}

/** The space beside Deno itself that a host needs, in bytes. */
const MARGIN = 16 * 1024 * 1024;

function checkSpace({ free, root }: HostFacts, needed: number, advice: string): void {
  // The name of a file system may have spaces, so the column before the percentage is read.
  const available = 1024 * Number(/(\d+)\s+\d+%/.exec(free)?.[1] ?? Infinity);
  if (available >= needed + MARGIN) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new UsageError(
    `${root} needs ${megabytes(needed + MARGIN)}, but has ${megabytes(available)} free, ${advice}`,
  );
}

// A connection may lose the end of a file without an error, as that of `kubectl exec` does.
const MOST_SENDS = 4;

// Buffers on the way, a slow disk and the hash of a large file take longer than an answer.
const ANSWERS_OF_A_STEP = 4;

async function sendFile(
  start: StartShell,
  { folder, advice, answerMs }: FarProgram,
  { size, sha256, open }: SentFile,
  { name, test, signal }: {
    readonly name: string;
    readonly test: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  let reason = "";
  for (let tries = 0; tries < MOST_SENDS; tries++) {
    signal.throwIfAborted();
    const shell = start(storeCommand(folder, { name, size, sha256, test })), { child } = shell;
    using _aborted = onAbort(signal, () => endShell(shell));
    using limit = new SilenceLimit(
      answerMs && answerMs * ANSWERS_OF_A_STEP,
      () => endShell(shell),
    );
    child.stdout.cancel();
    const content = await open().catch((error) => {
      endShell(shell);
      throw error;
    });
    // The write fails when the host refuses the file. Its words tell the reason.
    content.pipeThrough(noting(() => limit.restart())).pipeTo(child.stdin).catch(() => {});
    const { code, words } = await shell.ended;
    if (code === 0) return;
    if (limit.hasPassed) throw new Error(`${name} did not get further for ${limit.text}`);
    reason = words || `exit status ${code}`;
    if (code !== REFUSED) throw new Error(`the connection ended while ${name} was sent: ${reason}`);
    if (/it arrived (incomplete|damaged)/.test(reason)) continue;
    throw new UsageError(`it cannot store ${folder}/${name}: ${reason}, ${advice}`);
  }
  throw new UsageError(`${name} was sent ${MOST_SENDS} times, and ${reason}: ${PASS_STDIN}`);
}

/** Passes a stream on, and calls a function for each part that is taken. */
function noting(fn: () => void): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(part, controller) {
      fn();
      controller.enqueue(part);
    },
  });
}
