/**
 * The worker's end of the channel to the controller (`protocol.ts`).
 *
 * @module
 */

import { encodeText, indexOfByte, newBytes, setBytes, subarray } from "../util/builtins.ts";
import { fitBuffer, NEWLINE } from "../util/bytes/bytes.ts";
import { hasLines } from "../util/bytes/line_count.ts";
import { dirname } from "../util/paths.ts";
import { type Frame, type FrameHead, FrameReader, ProtocolError } from "./frame.ts";
import { writeRawStdout } from "./stdio.ts";

/** A receiver of responses. */
export interface Output {
  /** The token in each frame; undefined when lines are written without frames. */
  readonly token?: string | undefined;
  /**
   * Writes bytes. They must not change until the promise resolves.
   *
   * @returns a promise, or undefined when the bytes are already written
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
}

/** A frame of tasks. */
export interface TaskFrame {
  /** The id of the first task. */
  readonly id: number;
  /** The attempt of all tasks. */
  readonly attempt: number;
  /** The number of tasks. */
  readonly count: number;
  /** The arguments, one task per line. The memory is valid until the next frame is requested. */
  readonly lines: Uint8Array;
  /** The last checkpoint of the only task, as JSON text. @default {none} */
  readonly checkpoint?: Uint8Array | undefined;
}

/** Receives the requests to end calls. */
export interface CancelListener {
  /** A call has exceeded its time limit. It may have ended already. */
  onCancel(id: number, attempt: number): void;
  /** The run was canceled. */
  onQuit(): void;
}

// A frame is rarely larger. The buffer grows for those that are.
const READ_SIZE = 64 * 1024;

const MARK = "\x1e", TOKEN_LENGTH = 36;

/**
 * Finds the token that {@linkcode openChannel} writes to stdout.
 *
 * @returns the token and the text around it; undefined when there is none
 */
export function findToken(text: string): { token: string; rest: string } | undefined {
  const end = TOKEN_LENGTH + 1;
  for (let at = -1; (at = text.indexOf(MARK, at + 1)) >= 0;) {
    if (text[at + end] !== MARK) continue;
    return {
      token: text.slice(at + 1, at + end),
      rest: text.slice(0, at) + text.slice(at + end + 1),
    };
  }
  return undefined;
}

/**
 * Connects to the controller, then drops the permissions for the path of the socket. Must run
 * before user code is loaded.
 *
 * @param path the path of the controller's socket
 */
export async function openChannel(path: string): Promise<Channel> {
  const token = crypto.randomUUID();
  // Only this process has its stdout before user code is loaded, so the controller takes the client
  // that knows the same token.
  writeRawStdout(encodeText(`${MARK}${token}${MARK}`));
  const socket = await Deno.connect({ transport: "unix", path });
  dropPermissions(path);
  const channel = new Channel(socket, token);
  await channel.write(encodeText(token));
  // The greeting tells that the socket's file is gone.
  if (await socket.read(new Uint8Array(1)) === null) throw new Error("the controller has ended");
  return channel;
}

/** The channel of a worker. It keeps methods of the socket that user code cannot replace. */
export class Channel implements Output {
  readonly token: string;
  /** Receives the requests to end calls, if calls can react. */
  listener: CancelListener | undefined;
  #frames: FrameReader;
  /** Lets the connection keep the process alive. */
  readonly ref: () => void;
  /** Lets the process end while the connection waits for tasks. */
  readonly unref: () => void;
  #read: Deno.Conn["read"];
  #write: Deno.Conn["write"];
  /** The bytes that were received and not yet used are between two offsets of the buffer. */
  #buffer = newBytes(READ_SIZE);
  #from = 0;
  #to = 0;
  /** The number of tasks received so far. */
  #received = 0;

  /** Creates the channel of a connection that both ends trust. */
  constructor(socket: Pick<Deno.Conn, "read" | "write" | "ref" | "unref">, token: string) {
    this.token = token;
    this.#frames = new FrameReader(token);
    this.ref = socket.ref.bind(socket);
    this.unref = socket.unref.bind(socket);
    this.#read = socket.read.bind(socket);
    this.#write = socket.write.bind(socket);
  }

  /**
   * Writes all bytes. What fits into the socket's buffer is written before the method returns, so
   * it arrives even when the process ends at once.
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#write(subarray(bytes, at));
  }

  /**
   * Returns the next tasks; undefined when the controller has ended the stream.
   *
   * @throws {ProtocolError} when anything is missing, added or changed in the stream.
   */
  async next(): Promise<TaskFrame | undefined> {
    for (;;) {
      const bytes = subarray(this.#buffer, 0, this.#to);
      const frame = this.#from < this.#to ? this.#frames.at(bytes, this.#from) : undefined;
      if (frame) {
        this.#from = frame.next;
        if (frame.head.bytes > 0) return this.#toTasks(frame, bytes);
        this.#takeRequest(frame.head);
        continue;
      }
      this.#makeRoom(subarray(bytes, this.#from));
      const size = await this.#read(subarray(this.#buffer, this.#to));
      if (size !== null) this.#to += size;
      else if (this.#to === 0) return undefined;
      else throw new ProtocolError("a block is incomplete");
    }
  }

  /** Moves the bytes of an incomplete frame to the start of a buffer that has room for the frame. */
  #makeRoom(bytes: Uint8Array): void {
    const { wanted } = this.#frames, before = this.#buffer;
    this.#buffer = fitBuffer(before, wanted > READ_SIZE ? wanted : READ_SIZE);
    if (this.#from > 0 || this.#buffer !== before) setBytes(this.#buffer, bytes);
    this.#from = 0;
    this.#to = bytes.length;
  }

  /** Returns the tasks of a frame. They are checked before the first of them runs. */
  #toTasks({ head, body, end }: Frame, bytes: Uint8Array): TaskFrame {
    const { id = -1, attempt = 0, count = 0, before = -1, checkpoint = 0 } = head;
    const whole = subarray(bytes, body, end), received = this.#received;
    const split = checkpoint > 0 ? indexOfByte(whole, NEWLINE) + 1 : whole.length;
    const lines = subarray(whole, 0, split);
    if (before !== received) {
      throw new ProtocolError(`${before} tasks came before a block, and ${received} were received`);
    }
    if (id < 0 || attempt === 0 || !hasLines(lines, count)) {
      throw new ProtocolError(`a block does not contain the ${count} tasks of its head`);
    }
    this.#received += count;
    if (checkpoint === 0) return { id, attempt, count, lines };
    return { id, attempt, count, lines, checkpoint: subarray(whole, split, -1) };
  }

  /** Passes on a frame without a body. */
  #takeRequest({ cancel = -1, attempt = 0, quit = 0 }: FrameHead): void {
    if (quit === 0 && (cancel < 0 || attempt === 0)) {
      throw new ProtocolError("a block contains no task and no request");
    }
    if (quit > 0) this.listener?.onQuit();
    else this.listener?.onCancel(cancel, attempt);
  }
}

/**
 * Drops the permissions that only the connection needed.
 *
 * Deno also revokes a permission for a folder above the path, so the path remains where the job
 * itself has such a permission.
 */
function dropPermissions(path: string): void {
  const folder = dirname(path);
  for (const name of ["read", "write"] as const) {
    const { state } = Deno.permissions.querySync({ name, path: folder });
    if (state !== "granted") Deno.permissions.revokeSync({ name, path });
  }
  Deno.permissions.revokeSync({ name: "net", host: `unix:${path}` });
}
