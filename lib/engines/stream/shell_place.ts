/**
 * A machine where a command connects the stdin and the stdout of a shell.
 *
 * @module
 */

import { bundleFarSide } from "../../bundle/build.ts";
import { shortHash } from "../../bundle/modules/hash.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import { dirname } from "../../util/paths.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { onAbort } from "../../util/on_abort.ts";
import { type HostFacts, parseFacts, sendMissing } from "./deploy.ts";
import { PACKET_START } from "./packets.ts";
import type { Pipes } from "./place.ts";
import { STREAM_VERSION } from "./protocol.ts";
import { attachCommand, SETUP_MARK } from "./remote_script.ts";
import { endShell, type FarProgram, type ShellProcess, type StartShell, wordsIn } from "./shell.ts";
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
  const { code } = await bundleFarSide("stream/on_host", cacheFolder(dirname(job)));
  const program = `far-${STREAM_VERSION}-${await shortHash(code)}.js`;
  return { ...place, code, version: Deno.version.deno, program };
}

/**
 * Returns the reason of a failed connection.
 *
 * @param code the exit status of the command that connects; `undefined` when it was ended because
 * the machine did not answer
 * @param words what the command and the machine printed, as one line
 */
export type ReasonOf = (code: number | undefined, words: string) => string;

/**
 * Starts the program on a machine, and sends it first when it is not there.
 *
 * @throws {UsageError} when the machine cannot run the program.
 */
export async function connectShell(
  start: StartShell,
  far: FarProgram,
  signal: AbortSignal,
  reasonOf: ReasonOf,
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
  reasonOf: ReasonOf,
): Promise<Pipes | HostFacts> {
  signal.throwIfAborted();
  const shell = start(attachCommand(far));
  const close = () => endShell(shell);
  using _aborted = onAbort(signal, close);
  const reader = shell.child.stdout.getReader();
  using limit = new SilenceLimit(far.answerMs, close);
  const { begun, text } = await readStart(reader);
  if (begun) {
    shell.forgetWords();
    return { ...pipesOf(shell, reader, begun, close), notice: setupNotice(text) };
  }
  const facts = parseFacts(text);
  await shell.child.stdin.close().catch(() => {});
  const { code, words } = await shell.ended;
  if (facts) return facts;
  if (limit.hasPassed) throw new Error(reasonOf(undefined, `it did not answer for ${limit.text}`));
  // The reason may be in the output: a shell that allows no login prints it there.
  const all = [words, wordsIn(text.slice(-MOST_TEXT))].filter((one) => one !== "").join("; ");
  throw new Error(reasonOf(code, all));
}

const MOST_TEXT = 500;

const SETUP_FAILED = new RegExp(`^([^]*)^${SETUP_MARK} (\\d+)$`, "m");

/** Returns the text about a setup command that failed; `undefined` when it did not. */
function setupNotice(text: string): string | undefined {
  const [, output, status] = SETUP_FAILED.exec(text) ?? [];
  if (output === undefined) return undefined;
  const words = wordsIn(output.slice(-MOST_TEXT));
  return `the setup command failed with exit status ${status}${words && `: ${words}`}`;
}

/**
 * Reads until the program answers, or the output ends.
 *
 * @returns the bytes from the program's first one, which are missing in an output without the
 * program, and the text before them
 */
async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<{ readonly begun?: Uint8Array; readonly text: string }> {
  let all = new Uint8Array();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    all = concatBytes([all, next.value]) as Uint8Array<ArrayBuffer>;
    const start = all.indexOf(PACKET_START);
    if (start >= 0) return { begun: all.subarray(start), text: decode(all.subarray(0, start)) };
  }
  return { text: decode(all) };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
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
