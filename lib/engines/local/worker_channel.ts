/**
 * The controller's end of the channel to a worker (`lib/worker/protocol.ts`).
 *
 * @module
 */

import type { Task, TaskBatch } from "../../tasks/batch.ts";
import { concatBytes, NEWLINE_BYTES } from "../../util/bytes/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import { isOutOfFiles } from "../../util/files/fs.ts";
import { makeSocketFolder } from "../../util/files/socket_folder.ts";
import { temporaryFolder, withoutCall } from "../../util/files/temporary_file.ts";
import { delay } from "../../util/time/delay.ts";
import { FRAME_END, frameHead, RS } from "../../worker/frame.ts";
import { type ChunkConsumer, readDoubleBuffered, type UsedBytes } from "./double_buffer.ts";
import { asRefusedStart } from "./refused_starts.ts";

const GREETING = Uint8Array.of(RS);
// Larger batches are written without a copy.
const MAX_COPY = 64 * 1024;
const RETRY_MS = 50;

/**
 * Listens for one worker on a socket in a private folder. Both are removed when the worker has
 * connected, or when the listener is disposed of.
 */
export class WorkerListener implements Disposable {
  /** The path of the socket. */
  readonly path: string;
  #folder: string;
  #listener: Deno.UnixListener;
  #isClosed = false;

  /**
   * Starts to listen.
   *
   * @throws {UsageError} when this process may not create the socket.
   * @throws {RefusedStart} when this process may not open more files.
   */
  constructor() {
    let folder;
    try {
      this.#folder = folder = makeSocketFolder();
      this.path = `${this.#folder}/s`;
      this.#listener = Deno.listen({ transport: "unix", path: this.path });
    } catch (cause) {
      if (folder !== undefined) Deno.removeSync(folder);
      const refused = asRefusedStart(cause);
      if (refused !== cause) throw refused;
      throw new UsageError(`Cannot start a worker: ${whyNoSocket(cause)}`, { cause });
    }
  }

  /**
   * Accepts the worker, which is the first client that writes the token. The worker loads user code
   * after the greeting, so user code never finds the socket's file.
   *
   * @param token the secret that the worker has made; undefined when it ended before
   * @param begun resolves when the worker may load user code
   * @returns the channel; undefined when the listener was disposed of before
   */
  async accept(
    token: string | undefined,
    begun?: Promise<void>,
  ): Promise<WorkerChannel | undefined> {
    if (token === undefined) return undefined;
    const worker = Promise.withResolvers<Deno.Conn>();
    this.#checkAll(token, worker.resolve).catch(worker.reject);
    try {
      const socket = await worker.promise;
      this[Symbol.dispose]();
      await begun;
      await socket.write(GREETING);
      return new WorkerChannel(socket, token);
    } catch {
      return undefined;
    }
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    try {
      Deno.removeSync(this.#folder, { recursive: true });
    } catch {
      // Something else has removed it from the folder for temporary files.
    }
  }

  // A client that writes nothing does not keep the worker from connecting.
  async #checkAll(token: string, accept: (worker: Deno.Conn) => void): Promise<void> {
    for (;;) {
      const client = await this.#nextClient();
      this.#isWorker(client, token).then((isWorker) => isWorker ? accept(client) : client.close());
    }
  }

  /** Accepts a client. While this process may not open more files, the client waits. */
  async #nextClient(): Promise<Deno.Conn> {
    for (;;) {
      try {
        return await this.#listener.accept();
      } catch (error) {
        if (!isOutOfFiles(error)) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  async #isWorker(client: Deno.Conn, token: string): Promise<boolean> {
    const expected = new TextEncoder().encode(token), bytes = new Uint8Array(expected.length);
    for (let at = 0; at < bytes.length;) {
      const size = await client.read(bytes.subarray(at)).catch(() => null);
      if (size === null) return false;
      at += size;
    }
    return !this.#isClosed && bytes.every((byte, i) => byte === expected[i]);
  }
}

/** The channel to a worker that has connected. */
export class WorkerChannel {
  #socket: Deno.Conn;
  #sent = 0;
  /** Settles when all frames so far are written. A frame must not begin inside of another one. */
  #written: Promise<void> = Promise.resolve();

  /**
   * Creates the channel of a connection.
   *
   * @param token the secret that begins each frame
   */
  constructor(socket: Deno.Conn, readonly token: string) {
    this.#socket = socket;
  }

  /** Writes tasks in frames. Resolves when the socket has accepted all bytes. */
  async write(batch: TaskBatch): Promise<void> {
    const pieces = taskFrames(batch, this.token, this.#sent);
    this.#sent += batch.count;
    await this.#send(pieces);
  }

  /** Asks the worker to end a task that has exceeded its time limit. */
  async cancel({ id, attempt }: Pick<Task, "id" | "attempt">): Promise<void> {
    await this.#send([emptyFrame(this.token, { cancel: id, attempt })]);
  }

  /** Asks the worker to end its running tasks, and to exit. */
  async quit(): Promise<void> {
    await this.#send([emptyFrame(this.token, { quit: 1 })]);
  }

  /** Ends the stream of tasks. The worker then exits after its last task. */
  async end(): Promise<void> {
    await this.#written;
    await this.#socket.closeWrite();
  }

  #send(pieces: readonly Uint8Array[]): Promise<void> {
    return this.#written = this.#written.then(() => this.#write(pieces));
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    for (const bytes of joinShort(pieces)) {
      for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
    }
  }

  /** Reads the worker's bytes until it closes the channel. */
  async read<Parsed extends UsedBytes>(
    consumer: ChunkConsumer<Parsed>,
  ): Promise<void> {
    // When a process ends with unread tasks, the socket reports an error after its last byte.
    const read = (buffer: Uint8Array) => this.#socket.read(buffer).catch(() => null);
    await readDoubleBuffered({ read }, consumer);
  }

  /** Closes the channel. Bytes that were not read are dropped. */
  close(): void {
    try {
      this.#socket.close();
    } catch {
      // The channel is closed already.
    }
  }
}

/**
 * Returns a batch in frames, in pieces. Each group of tasks with consecutive ids is a frame.
 *
 * @param sent the number of tasks that were sent before
 */
export function taskFrames(batch: TaskBatch, token: string, sent: number): Uint8Array[] {
  const pieces: Uint8Array[] = [], encoder = new TextEncoder(), { attempt, checkpoint } = batch;
  const after = checkpoint ? [checkpoint, NEWLINE_BYTES] : [];
  for (let from = 0, to; from < batch.count; from = to) {
    to = batch.rowEnd(from);
    const lines = batch.slice(from, to).bytes;
    const bytes = after.reduce((sum, piece) => sum + piece.length, lines.length);
    const head = {
      id: batch.id(from),
      attempt,
      count: to - from,
      before: sent + from,
      checkpoint: checkpoint && 1,
      bytes,
    };
    const text = frameHead(token, `${JSON.stringify(head)}\n`);
    pieces.push(encoder.encode(text), lines, ...after, END);
  }
  return pieces;
}

function emptyFrame(token: string, fields: Readonly<Record<string, number>>): Uint8Array {
  const head = `${JSON.stringify({ ...fields, bytes: 0 })}\n`;
  return new TextEncoder().encode(`${frameHead(token, head)}${FRAME_END}`);
}

const END = new TextEncoder().encode(FRAME_END);

/** Joins neighbouring short pieces, because each write costs as much as copying many bytes. */
function joinShort(pieces: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = [];
  let short: Uint8Array[] = [], length = 0;
  for (const piece of pieces) {
    if (length + piece.length > MAX_COPY && length > 0) {
      joined.push(concatBytes(short));
      [short, length] = [[], 0];
    }
    short.push(piece);
    length += piece.length;
  }
  return [...joined, concatBytes(short)];
}

function whyNoSocket(cause: unknown): string {
  const why = cause instanceof Error ? withoutCall(cause.message) : String(cause);
  const isForbidden = cause instanceof Deno.errors.NotCapable;
  const folder = isForbidden ? "the folder for temporary files" : temporaryFolder();
  return `a socket for it cannot be created in ${folder}: ${why}; ` +
    (isForbidden
      ? "run this program with --allow-net, --allow-read and --allow-write, or with -A"
      : "set TMPDIR to a folder on a local disk");
}
