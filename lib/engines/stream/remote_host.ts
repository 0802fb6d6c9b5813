/**
 * The controller's view of one host: its tasks, its connection, and what came back.
 *
 * @module
 */

import { attemptFailed, NO_EVENTS } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { backoffMs } from "../../util/backoff.ts";
import { delay } from "../../util/delay.ts";
import { formatDuration } from "../../util/duration.ts";
import type { Taker } from "../local/task_queue.ts";
import { InFlight } from "../shared/in_flight.ts";
import { HostError, HostEvents } from "./host_events.ts";
import type { HostPool, HostState } from "./host_pool.ts";
import { HostWindow } from "./host_window.ts";
import { Link } from "./link.ts";
import type { Mirror } from "./mirror.ts";
import type { Packet } from "./packets.ts";
import type { HostPlace } from "./place.ts";
import type { Hello, Order } from "./protocol.ts";
import { tasksPacket } from "./task_packets.ts";

const BACKOFF = { firstMs: 500, maxMs: 15_000 };
// A host that has nothing of the job left is not waited for at the end.
const FAREWELL_MS = 10_000;
// The margin after `grace` for a host to end the work.
const CANCEL_MS = 3000;
// The number of deaths in a row of the process on a host, without an event between them.
const MOST_DEATHS = 3;

/** Sends tasks to one host, and reports the outcome of each. */
export class RemoteHost implements Taker {
  /** The tasks on the host that have no response. */
  readonly inFlight = new InFlight();
  /** The number of workers; 0 until the host has answered. */
  workers = 0;
  /** The present state. */
  phase: HostState = "new";
  /** The reason why the host is away or out. */
  reason = "";
  #events: HostEvents;
  #window = new HostWindow();
  #link: Link | undefined;
  #awaySince: number | undefined;
  #deaths = 0;
  /** True when a task has ended since the host was given up last. */
  #hasAnswered = false;
  #deathWords: string | undefined;
  #isFed = false;
  #hasAsked = false;
  #changed = Promise.withResolvers<void>();
  #over = new AbortController();
  #warned = new Set<string>();

  /** Creates the view of a host. */
  constructor(readonly place: HostPlace, readonly mirror: Mirror, readonly pool: HostPool) {
    const notify = (text: string) => this.#warn(text);
    this.#events = new HostEvents(place.name, mirror, this.inFlight, pool, notify);
  }

  /** The state that decides whether the queue returns tasks to this host. */
  get state(): Taker["state"] {
    const { stop, signal } = this.pool;
    if (stop.aborted || signal.aborted || this.#over.signal.aborted) return "gone";
    return "busy";
  }

  /** Assigns tasks that an earlier controller has sent. */
  push(batch: TaskBatch): void {
    this.inFlight.push(batch);
  }

  /**
   * Runs tasks until none is left, or the host is given up.
   *
   * @returns the reason why the host is out; `undefined` after a regular end
   */
  async run(): Promise<unknown> {
    const { signal } = this.pool;
    const onAbort = () => this.#cancel();
    signal.addEventListener("abort", onAbort);
    const feeding = this.#feed();
    let error: unknown;
    try {
      error = await this.#stayConnected();
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#end(error ? "out" : "done");
      await feeding;
      this.mirror[Symbol.dispose]();
    }
    return error;
  }

  async #stayConnected(): Promise<unknown> {
    for (let tries = 1; !this.#isOver; tries++) {
      try {
        using link = await this.#connect();
        tries = 0;
        await this.#serve(link);
        if (this.#isOver) return undefined;
        this.#setAway(this.#deathWords ?? await link.reason());
      } catch (error) {
        if (this.#isOver) return undefined;
        if (error instanceof HostError) return this.#leave(error);
        if (this.phase === "new" && this.inFlight.count === 0) return this.#leave(error as Error);
        this.#setAway((error as Error).message);
      }
      await this.#waitForNextTry(tries);
    }
    return undefined;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #connect(): Promise<Link> {
    const { pool, place, mirror } = this, endTurn = await pool.turn();
    try {
      return await Link.open(place, (ready) => {
        const order = this.#isFed ? this.#lastOrder : undefined;
        const made = pool.request(place, ready, mirror, order);
        this.#hasAsked = true;
        this.workers = made.request.settings.workers;
        return made;
      }, this.#over.signal);
    } finally {
      endTurn();
    }
  }

  get #lastOrder(): Order {
    return this.pool.stop.aborted ? "stop" : "end";
  }

  async #serve(link: Link): Promise<void> {
    await this.pool.adopted;
    if (this.#isForgotten(link.hello)) return await this.#startAnew(link);
    this.mirror.dropped(this.mirror.drop);
    this.mirror.advance(Math.min(this.mirror.offset, link.hello.events));
    await this.#resend(link, link.hello.tasks);
    this.#setThere(link);
    try {
      for await (const packet of link.packets()) {
        await this.#take(packet, link);
        if (this.#isOver) return;
      }
    } catch (error) {
      if (error instanceof HostError) await this.#clear(link);
      throw error;
    } finally {
      this.#link = undefined;
    }
  }

  /** Removes what a host that is left out has of the job. */
  async #clear(link: Link): Promise<void> {
    await link.order("drop");
    const dropped = async () => {
      for await (const { head } of link.packets()) if ("dropped" in head) return;
    };
    await Promise.race([dropped(), delay(FAREWELL_MS)]);
  }

  /** Returns true when the host has lost tasks whose events came, or has tasks of another file. */
  #isForgotten({ tasks, isNew }: Hello): boolean {
    return tasks > this.mirror.size || (isNew && this.mirror.offset > 0);
  }

  /** Sends the bytes of the mirror that the host does not have. */
  async #resend(link: Link, from: number): Promise<void> {
    for (let at = from; at < this.mirror.size;) {
      for (const piece of this.mirror.bytes(at)) {
        await link.send(piece);
        at += piece.length;
      }
    }
  }

  #setThere(link: Link): void {
    this.#window.begin(this.#places);
    this.#link = link;
    this.#deathWords = undefined;
    this.phase = "there";
    this.#awaySince = undefined;
    this.#change();
    if (this.pool.signal.aborted) link.order("cancel");
    else if (this.#isFed) link.order(this.#lastOrder);
  }

  get #places(): number {
    return this.workers * this.pool.concurrency;
  }

  #setAway(reason: string): void {
    this.reason = reason;
    if (this.phase === "there" && !this.pool.signal.aborted) {
      this.#warn(`host ${this.place.name} is away: ${reason}`);
    }
    this.phase = "away";
    this.#awaySince ??= performance.now();
    this.#change();
  }

  async #waitForNextTry(tries: number): Promise<void> {
    const { lostAfter, signal } = this.pool, away = performance.now() - this.#awaySince!;
    if (this.#isFed && this.inFlight.count === 0 && away >= FAREWELL_MS) {
      this.#warn(`host ${this.place.name} is away at the end: its files of the job remain there`);
      return this.#end("done");
    }
    if (away >= lostAfter && this.inFlight.count > 0) {
      await this.#lose(`its host ${this.place.name} was away for ${formatDuration(lostAfter)}`);
    }
    if (signal.aborted) return this.#end("done");
    await delay(backoffMs(Math.max(1, tries), BACKOFF), [this.#over.signal, signal]);
  }

  async #take(packet: Packet, link: Link): Promise<void> {
    const { head } = packet;
    if ("sum" in head) return await this.#takeEvent(packet, link);
    if ("dropped" in head) return this.#finish();
    const words = head.died ?? head.failed;
    if (words !== undefined) await this.#died(String(words));
  }

  async #takeEvent(packet: Packet, link: Link): Promise<void> {
    const before = this.inFlight.count, hasEnded = await this.#events.take(packet);
    const responses = before - this.inFlight.count;
    if (responses > 0) {
      this.#hasAnswered = true;
      this.#deaths = 0;
      this.#window.answered(responses);
    }
    if (hasEnded && this.#isFed) await link.order("drop");
    this.#change();
  }

  async #died(words: string): Promise<void> {
    this.#deathWords = `the process there died${words && `: ${words}`}`;
    if (++this.#deaths < MOST_DEATHS) return;
    const text = `${this.#deathWords}, ${MOST_DEATHS} times in a row`;
    if (!this.#hasAnswered) throw new HostError(text);
    this.#deaths = 0;
    await this.#lose(text);
  }

  /** Gives the tasks of the host up: those that ran are lost, the others run elsewhere. */
  async #lose(message: string): Promise<void> {
    const running = new Set(this.inFlight.running(this.#places)), { events, queue } = this.pool;
    const tasks = this.inFlight.takeAll();
    this.mirror.abandon();
    this.#hasAnswered = false;
    this.#warn(`tasks of host ${this.place.name} run again: ${message}`);
    const error = { message, type: "HostLost", class: "lost" } as const;
    const lost = tasks.filter(({ id }) => running.has(id));
    queue.giveBack(tasks.filter(({ id }) => !running.has(id)));
    const failures = lost.map((task) => attemptFailed(task, error));
    if (failures.length > 0) await events.send({ ...NO_EVENTS, failures });
    this.#change();
  }

  /** Begins a new folder on a host that has lost the one of the job. */
  async #startAnew(link: Link): Promise<void> {
    await link.order("drop");
    this.pool.queue.giveBack(this.inFlight.takeAll());
    this.mirror.abandon();
  }

  async #feed(): Promise<void> {
    while (await this.#untilRoom()) {
      const room = Math.max(1, this.#window.size - this.inFlight.count);
      const taken = await this.pool.queue.take(room, this);
      if (!taken) break;
      if (this.#link && this.state !== "gone") await this.#send(taken.batch);
      else this.pool.queue.giveBack([...taken.batch]);
    }
    this.#isFed = true;
    this.pool.onDrained();
    if (!this.#hasAsked) return this.#end("done");
    if (!this.pool.signal.aborted) this.#link?.order(this.#lastOrder);
  }

  async #send(batch: TaskBatch): Promise<void> {
    if (this.inFlight.count === 0) this.#window.begin(this.#places);
    const [head, payload] = tasksPacket(batch);
    this.inFlight.push(batch);
    this.#window.sent(batch.count, payload.length);
    const raw = this.mirror.append(head, payload);
    this.#change();
    await this.#link!.send(raw);
  }

  /** Waits until the host can receive tasks. Returns false when it receives no more. */
  async #untilRoom(): Promise<boolean> {
    const isReady = () => this.#link && this.inFlight.count <= this.#window.refillAt;
    while (this.state !== "gone" && !isReady()) {
      if (!this.#link && this.pool.queue.isDrained) return false;
      await this.#changed.promise;
    }
    return this.state !== "gone";
  }

  /** Wakes what waits for a change of this host. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #change(): void {
    this.wake();
    this.pool.onChange();
  }

  #cancel(): void {
    this.wake();
    this.#link?.order("cancel");
    const limit = this.#link ? this.pool.grace + CANCEL_MS : 0;
    delay(limit, [this.#over.signal]).then(() => this.#end("done"));
  }

  #finish(): void {
    this.mirror.remove();
    this.#end("done");
  }

  /** Leaves a host out of the run. */
  #leave(error: Error): Error {
    this.reason = error.message;
    this.pool.queue.giveBack(this.inFlight.takeAll());
    // A later controller must not find these tasks on this host.
    if (this.mirror.size > 0) this.mirror.abandon();
    return error;
  }

  #end(phase: HostState): void {
    if (this.#isOver) return;
    this.phase = phase;
    this.#over.abort();
    this.pool.queue.wake();
    this.#change();
  }

  #warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.pool.warn(text);
  }
}
