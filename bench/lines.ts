/**
 * Plain loops that read and write lines, without any guarantee.
 *
 * @module
 */

const BLOCK_SIZE = 64 * 1024;

/** Calls a function for each line of a file, and waits for it when it returns a promise. */
export async function eachLine(
  path: string,
  call: (line: string) => Promise<void> | undefined,
): Promise<void> {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder(), buffer = new Uint8Array(BLOCK_SIZE);
  let rest = "";
  for (let size; (size = file.readSync(buffer)) !== null;) {
    const text = decoder.decode(buffer.subarray(0, size), { stream: true });
    let at = 0;
    for (let end; (end = text.indexOf("\n", at)) >= 0; at = end + 1) {
      const waiting = call(at === 0 ? rest + text.slice(0, end) : text.slice(at, end));
      if (waiting) await waiting;
    }
    rest = at === 0 ? rest + text : text.slice(at);
  }
  if (rest !== "") await call(rest);
}

/** Writes lines to a file in large blocks. */
export class LineWriter implements Disposable {
  #file: Deno.FsFile;
  #encoder = new TextEncoder();
  #text = "";

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  write(line: string): void {
    this.#text += line + "\n";
    if (this.#text.length >= BLOCK_SIZE) this.#flush();
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#file.close();
  }

  #flush(): void {
    const bytes = this.#encoder.encode(this.#text);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    this.#text = "";
  }
}

/** Writes a list of `count` values as ndjson. */
export function writeList(path: string, count: number, valueOf: (index: number) => unknown): void {
  using writer = new LineWriter(path);
  for (let index = 0; index < count; index++) writer.write(JSON.stringify(valueOf(index)));
}
