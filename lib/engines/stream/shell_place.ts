/**
 * A machine where a command connects the stdin and the stdout of a shell.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import { concatBytes } from "../../util/bytes.ts";
import { onAbort } from "../../util/on_abort.ts";
import { type HostFacts, parseFacts, sendMissing } from "./deploy.ts";
import type { Pipes } from "./place.ts";
import { STREAM_VERSION } from "./protocol.ts";
import { attachCommand } from "./remote_script.ts";
import { endShell, type FarProgram, type ShellProcess, type StartShell } from "./shell.ts";
import { SilenceLimit } from "./silence_limit.ts";

/**
 * Builds the program for the machines of a job.
 *
 * @param job the job's folder
 */
export async function farProgram(
  place: Pick<FarProgram, "advice" | "folder" | "deno" | "setup" | "answerMs">,
  job: string,
): Promise<FarProgram> {
  const { code } = await bundleFarSide("stream/on_host", cacheFolder(`${job}/..`));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  const program = `far-${STREAM_VERSION}-${new Uint8Array(hash).slice(0, 8).toHex()}.js`;
  return { ...place, code, version: Deno.version.deno, program };
}

const RS = 0x1e;

/**
 * Starts the program on a machine, and sends it first when it is not there.
 *
 * @param reasonOf returns the reason of a failed connection
 * @throws {UsageError} when the machine cannot run the program.
 */
export async function connectShell(
  start: StartShell,
  far: FarProgram,
  signal: AbortSignal,
  reasonOf: (code: number, words: string) => string,
): Promise<Pipes> {
  const first = await tryStart(start, far, signal, reasonOf);
  if ("readable" in first) return first;
  await sendMissing(start, first, far, signal);
  const second = await tryStart(start, far, signal, reasonOf);
  if ("readable" in second) return second;
  throw new Error(`it does not find its files again in ${first.root}`);
}

/** Starts the program, or returns what is missing. */
async function tryStart(
  start: StartShell,
  far: FarProgram,
  signal: AbortSignal,
  reasonOf: (code: number, words: string) => string,
): Promise<Pipes | HostFacts> {
  signal.throwIfAborted();
  const shell = start(attachCommand(far));
  const close = () => endShell(shell);
  using _aborted = onAbort(signal, close);
  const reader = shell.child.stdout.getReader();
  using limit = new SilenceLimit(far.answerMs, close);
  const { begun, text } = await readStart(reader);
  if (begun) return pipesOf(shell, reader, begun, close);
  const facts = parseFacts(text);
  await shell.child.stdin.close().catch(() => {});
  const { code, words } = await shell.ended;
  if (facts) return facts;
  if (limit.hasPassed) throw new Error(reasonOf(code, `it did not answer for ${limit.text}`));
  throw new Error(reasonOf(code, words || text.trim().slice(-500)));
}

/**
 * Reads until the program answers, or the output ends.
 *
 * @returns the bytes from the program's first one, or the text of an output without the program
 */
async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<{ readonly begun?: Uint8Array; readonly text: string }> {
  let all = new Uint8Array();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    all = concatBytes([all, next.value]) as Uint8Array<ArrayBuffer>;
    const start = all.indexOf(RS);
    if (start >= 0) return { begun: all.subarray(start), text: "" };
  }
  return { text: new TextDecoder().decode(all) };
}

function pipesOf(
  { child, ended }: ShellProcess,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: Uint8Array,
  close: () => void,
): Pipes {
  const readable = ReadableStream.from<Uint8Array>(async function* () {
    yield begun;
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  }());
  return { readable, writable: child.stdin, ended: ended.then(({ words }) => words), close };
}
