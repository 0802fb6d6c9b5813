/**
 * The file to which a worker in Python writes its tracebacks when it receives a signal.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";

// The time between two looks for a traceback, and the longest between two of its pieces.
const LOOK_MS = 50;
const HEAD = /^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$/;
// The frames of dl_jobs have no place in the user's traceback.
const OWN =
  /\/<dl_jobs>\/|\/\.dl_jobs\/cache\/[^/]+\.py"|\/bundle(?:\.\d+)?\.py", line \d+ in <module>/;

/**
 * An open file for tracebacks. A traceback has a file of its own, because threads that continue
 * write to stderr between its pieces.
 */
export class TracebackFile implements Disposable {
  #file: Deno.FsFile;
  /** The text of the file when it was closed. */
  #last: string | undefined;

  /** Creates the file beside a socket. It may be removed when the worker has opened it. */
  constructor(socket: string) {
    const path = `${socket.slice(0, socket.lastIndexOf("/"))}/tracebacks`;
    this.#file = Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o600 });
  }

  /**
   * Returns the user's part of a traceback.
   *
   * @param ask sends the signal
   * @param ms the longest wait for the first byte, in milliseconds
   * @returns an empty text when there is none.
   */
  async read(ask: () => void, ms: number): Promise<string> {
    this.#file.truncateSync();
    ask();
    const end = performance.now() + ms;
    for (let text = "";;) {
      await delay(LOOK_MS);
      const before = text;
      text = this.#last ?? this.#text();
      const isComplete = text === before && (text !== "" || performance.now() > end);
      if (isComplete || this.#last !== undefined) return userTraceback(text);
    }
  }

  #text(): string {
    const bytes = new Uint8Array(this.#file.statSync().size);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#file.readSync(bytes);
    return new TextDecoder().decode(bytes);
  }

  /** Closes the file. A traceback that is being read ends here. */
  [Symbol.dispose](): void {
    if (this.#last !== undefined) return;
    this.#last = this.#text();
    this.#file.close();
  }
}

/** Returns the user's part of what `faulthandler` has written; empty when there is none. */
export function userTraceback(text: string): string {
  const blocks: string[][] = [];
  for (const line of text.split("\n")) {
    if (HEAD.test(line)) blocks.push([]);
    else if (line !== "" && !OWN.test(line)) blocks.at(-1)?.push(line);
  }
  const own = blocks.filter((block) => block.length > 0);
  if (own.length === 0) return "";
  // The last block is the current thread; the others are threads that the code has started.
  return ["Traceback (most recent call first):", ...own.reverse().flat()].join("\n");
}
