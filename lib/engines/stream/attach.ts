/**
 * The process on a host that a controller is connected to: stdin to the file `tasks`, and the file
 * `events` to stdout. It decides nothing, and may end at any time.
 *
 * @module
 */

import { readRunning } from "../../job_dir/running_tasks.ts";
import { delay } from "../../util/time/delay.ts";
import { exists, PRIVATE_FILE, statIfThere } from "../../util/files/fs.ts";
import { isLockedPath } from "../../util/files/optional_calls.ts";
import { pieceHead, writePiece } from "./file_pieces.ts";
import {
  clearOrders,
  dropFolder,
  giveOrder,
  hasOrder,
  type HostFiles,
  hostFiles,
  makeHostFolder,
  missingFiles,
  noteFile,
  takeOver,
} from "./host_folder.ts";
import { encodePacket, type Packet, packetsOf } from "./packets.ts";
import {
  type AttachRequest,
  type Beat,
  BEAT_MS,
  type DropRequest,
  type Farewell,
  type Hello,
  type Needs,
  type Order,
  PASS_STDIN,
  type Ready,
  type RunningReport,
  SILENCE_MS,
} from "./protocol.ts";
import { readSpool, SpoolFile, SpoolReader } from "./spool_file.ts";

const LEAST_WAIT_MS = 4, MOST_WAIT_MS = 40;
const CHECK_MS = 500;
const LOG_CHARACTERS = 2000;
// The time in which an order of the controller arrives after the report of a death.
const LAST_ORDER_MS = 5000;

/**
 * Serves one connection of a controller.
 *
 * @param root the folder of dl_jobs on this host
 * @param start starts the process with the workers; resolves when that process has ended
 */
export async function attach(root: string, start: StartDaemon): Promise<void> {
  const out = new Output();
  await out.send({ ready: Deno.version.deno, cpus: navigator.hardwareConcurrency } satisfies Ready);
  let heard = performance.now();
  const packets = packetsOf(Deno.stdin.readable, () => heard = performance.now());
  const first = await packets.next();
  if (first.done) {
    // A controller that is gone does not read this.
    const failed = `it received nothing: ${PASS_STDIN}`;
    return await out.send({ failed } satisfies Farewell).catch(() => {});
  }
  const request = first.value.head as unknown as AttachRequest | DropRequest;
  const grace = "grace" in request ? request.grace : request.settings.grace;
  using _beats = sendBeats(out);
  try {
    for (const spool of request.drop) await dropFolder(hostFiles(root, spool), grace);
    if ("grace" in request) return await out.send({ dropped: root } satisfies Farewell);
    const files = hostFiles(root, request.spool);
    await new Attachment(files, request, out, () => heard).serve(packets, start);
  } catch (error) {
    await out.send({ failed: (error as Error).message } satisfies Farewell);
  }
}

/** Sends signs of life, also while running calls have time to react. */
function sendBeats(out: Output): Disposable {
  // A lost connection ends the stdin, too.
  const send = () => out.send({ beat: 1 } satisfies Beat).catch(() => {});
  const timer = setInterval(send, BEAT_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Starts the process with the workers of a job. */
export type StartDaemon = (files: HostFiles, request: AttachRequest) => Promise<unknown>;

class Attachment {
  #tasks!: SpoolFile;
  #hasDied = false;
  #startError = "";
  #hasEnded = false;
  /** True while the folder has nothing that a later connection needs. */
  #isUnused = false;
  /** True when this process has started the one with the workers, and sees its end. */
  #isOwn = false;
  #isOver = false;
  /** The time of the running tasks that were reported last. */
  #reported: number | undefined;

  constructor(
    readonly files: HostFiles,
    readonly request: AttachRequest,
    readonly out: Output,
    /** Returns the time of the last byte from the controller. */
    readonly heard: () => number,
  ) {}

  async serve(packets: AsyncIterator<Packet>, start: StartDaemon): Promise<void> {
    const { files } = this, isNew = this.#isUnused = !exists(files.tasks);
    try {
      await this.#work(packets, start, isNew);
    } catch (error) {
      // A host that cannot begin, such as one with a full disk, is left out, and not told to clean.
      if (this.#isUnused) await dropFolder(files, 0);
      throw error;
    }
  }

  async #work(packets: AsyncIterator<Packet>, start: StartDaemon, isNew: boolean): Promise<void> {
    const { files, request } = this;
    makeHostFolder(files);
    using _lock = await takeOver(files.attached);
    await this.#receiveFiles(packets);
    using tasks = this.#tasks = new SpoolFile(files.tasks, readSpool(files.tasks), "");
    this.#touch();
    clearOrders(files);
    if (request.order) giveOrder(files, request.order);
    this.#isUnused = false;
    this.#isOwn = !isLockedPath(files.lock);
    if (this.#isOwn) this.#startDaemon(start);
    const events = statIfThere(files.events)?.size ?? 0;
    await this.out.send({ tasks: tasks.size, events, isNew } satisfies Hello);
    const sending = this.#sendEvents(Math.min(request.offset, events));
    const receiving = this.#receive(packets);
    await Promise.race([receiving, sending]);
    // A controller that gives this host up lets the folder be removed.
    if (this.#hasDied && !this.#isOver) await Promise.race([receiving, delay(LAST_ORDER_MS)]);
    // An order that ends the work is obeyed to its end.
    if (this.#isOver) await receiving;
    this.#isOver = true;
  }

  async #startDaemon(start: StartDaemon): Promise<void> {
    try {
      await start(this.files, this.request);
    } catch (error) {
      // A limit on processes or open files is reached.
      this.#startError = (error as Error).message;
    }
    this.#hasDied = true;
  }

  async #receiveFiles(packets: AsyncIterator<Packet>): Promise<void> {
    const { files, request: { versions = {} }, out } = this;
    const missing = new Set(missingFiles(files, this.request));
    if (missing.size === 0) return;
    await out.send({ needs: [...missing] } satisfies Needs);
    while (missing.size > 0) {
      const { value, done } = await packets.next();
      if (done) {
        // The next connection continues after the files that are there.
        this.#isUnused = false;
        throw new Error("the connection ended before all files had arrived");
      }
      const piece = pieceHead(value);
      if (!piece) continue;
      writePiece(files.dir, piece, value.payload, "");
      if (!piece.isLast) continue;
      noteFile(files, piece.file, versions[piece.file]);
      missing.delete(piece.file);
    }
  }

  /** Reads packets of the controller until the connection ends or the work is done. */
  async #receive(packets: AsyncIterator<Packet>): Promise<void> {
    for (let next = await packets.next(); !next.done; next = await packets.next()) {
      const { head } = next.value;
      if ("tasks" in head) this.#tasks.copy(next.value);
      else if ("order" in head && await this.#obey(head.order as Order)) return;
    }
  }

  /** Obeys an order; returns true when the work is done. */
  async #obey(order: Order): Promise<boolean> {
    const { files, request: { settings: { grace } }, out } = this;
    if (order === "end" || order === "stop") {
      giveOrder(files, order);
      return false;
    }
    this.#isOver = true;
    await dropFolder(files, order === "cancel" ? grace : 0);
    await out.send({ dropped: files.dir } satisfies Farewell);
    return true;
  }

  async #sendEvents(from: number): Promise<void> {
    const reader = new SpoolReader(this.files.events, from);
    let wait = LEAST_WAIT_MS, checked = performance.now();
    while (!this.#isOver) {
      // The process writes its last events before it ends.
      const hasDied = this.#hasDied;
      for (let found; (found = await this.#nextEvents(reader));) {
        wait = LEAST_WAIT_MS;
        for (const { raw, head } of found) {
          // A process that an order has ended has not died.
          this.#hasEnded = "left" in head || ("ended" in head && this.#isOrdered);
          await this.out.write(raw);
        }
      }
      const now = performance.now();
      if (hasDied && !this.#hasEnded) return await this.#reportDeath();
      if (now - checked >= CHECK_MS) {
        checked = now;
        // The controller is gone, or will connect again.
        if (now - this.heard() > SILENCE_MS) return;
        this.#touch();
        if (!this.#isOwn && !isLockedPath(this.files.lock)) this.#hasDied = true;
        await this.#report();
      }
      await delay(wait);
      wait = Math.min(wait * 1.5, MOST_WAIT_MS);
    }
  }

  /**
   * Reads the next events. The folder is removed when something else has changed them, so that the
   * controller gives the tasks again.
   */
  async #nextEvents(reader: SpoolReader): Promise<Packet[] | undefined> {
    try {
      return reader.next();
    } catch (error) {
      if (error instanceof SyntaxError) await dropFolder(this.files, 0);
      throw error;
    }
  }

  /** Reports the running tasks, when they have changed. */
  async #report(): Promise<void> {
    const running = readRunning(this.files.dir) ?? null;
    if (running?.at === this.#reported) return;
    this.#reported = running?.at;
    await this.out.send({ running } satisfies RunningReport);
  }

  get #isOrdered(): boolean {
    return hasOrder(this.files, "end") || hasOrder(this.files, "stop");
  }

  async #reportDeath(): Promise<void> {
    const words = await Deno.readTextFile(this.files.log).catch(() => "");
    const died = words.trim().slice(-LOG_CHARACTERS) || this.#startError || this.#diskWords();
    if (!this.#isOver) await this.out.send({ died } satisfies Farewell);
  }

  /** Returns the error of a write, because a process on a full disk cannot log one. */
  #diskWords(): string {
    try {
      Deno.writeFileSync(`${this.files.dir}/probe`, new Uint8Array(4096), { mode: PRIVATE_FILE });
      Deno.removeSync(`${this.files.dir}/probe`);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }

  #touch(): void {
    Deno.writeTextFileSync(this.files.alive, String(Date.now()), { mode: PRIVATE_FILE });
  }
}

/** Writes packets to stdout, one after another. */
class Output {
  #last: Promise<void> = Promise.resolve();

  send(head: object): Promise<void> {
    return this.write(encodePacket(head));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#last = this.#last.then(async () => {
      for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    });
  }
}
