/**
 * The controller's view of one host: its tasks, its connection, and what came back.
 *
 * @module
 */

import { NO_EVENTS } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { UsageError } from "../../util/errors.ts";
import { onAbort } from "../../util/on_abort.ts";
import type { InFlight } from "../shared/in_flight.ts";
import { HostCondition } from "./host_condition.ts";
import { HostError, HostEvents, LostBytes } from "./host_events.ts";
import { type FedHost, HostFeed } from "./host_feed.ts";
import type { HostPool, HostState } from "./host_pool.ts";
import { Link, type MakeRequest } from "./link.ts";
import { takeLost } from "./lost_tasks.ts";
import { MachineGone } from "./machine_gone.ts";
import type { Mirror } from "./mirror.ts";
import type { Packet } from "./packets.ts";
import type { HostPlace } from "./place.ts";
import type { Hello, Order } from "./protocol.ts";
import { withFolderAdvice } from "./shell.ts";

const BACKOFF = { firstMs: 500, maxMs: 15_000 };
// A host that has nothing of the job left is not waited for at the end.
const FAREWELL_MS = 10_000;
// The margin after `grace` for a host to end the work.
const CANCEL_MS = 3000;
// The number of deaths in a row of the process on a host, without an event between them.
const MOST_DEATHS = 3;

/** Sends tasks to one host, and reports the outcome of each. */
export class RemoteHost implements FedHost {
  /** The number of workers; 0 until the host has answered. */
  workers = 0;
  /** The present state, and its reason. */
  readonly condition: HostCondition;
  #events: HostEvents;
  #feed = new HostFeed(this);
  #deaths = 0;
  /** True when a task has ended since the host was given up last. */
  #hasAnswered = false;
  #deathWords: string | undefined;
  #hasAsked = false;
  /** The error of this machine that ends the run. */
  #failure: { readonly reason: unknown } | undefined;
  #over = new AbortController();

  /** Creates the view of a host. */
  constructor(readonly place: HostPlace, readonly mirror: Mirror, readonly pool: HostPool) {
    this.condition = new HostCondition(place.name, pool);
    const notify = (text: string) => this.condition.warn(text);
    this.#events = new HostEvents(place.name, mirror, this.inFlight, pool, notify);
  }

  /** The tasks on the host that have no response. */
  get inFlight(): InFlight {
    return this.#feed.inFlight;
  }

  /** The number of tasks that run at a time on the host. */
  get places(): number {
    return this.workers * this.pool.concurrency;
  }

  /** True when the host is no longer part of the run. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Assigns tasks that an earlier controller has sent. */
  push(batch: TaskBatch): void {
    this.inFlight.push(batch);
    this.pool.queue.pace?.adopt(batch);
  }

  /**
   * Runs tasks until none is left, or the host is given up.
   *
   * @returns the reason why the host is out; `undefined` after a regular end
   * @throws {Error} when this machine cannot continue the run, for example because its disk is full.
   */
  async run(): Promise<unknown> {
    using _canceled = onAbort(this.pool.signal, () => this.#cancel());
    const feeding = this.#feedToEnd().catch((reason) => this.#fail(reason));
    let error: unknown;
    try {
      error = await this.#stayConnected();
    } finally {
      this.#end(error ? "out" : "done");
      await feeding;
      this.mirror[Symbol.dispose]();
    }
    if (this.#failure) throw this.#failure.reason;
    return error;
  }

  async #stayConnected(): Promise<unknown> {
    for (let tries = 1; !this.isOver; tries++) {
      try {
        await this.place.ready?.(this.#over.signal, (reason) => this.#tell(reason));
        using link = await this.#connect();
        tries = 0;
        await this.#serve(link);
        if (this.isOver) return undefined;
        this.#setAway(this.#deathWords ?? await link.reason());
      } catch (error) {
        if (this.isOver) return undefined;
        if (error instanceof MachineGone) {
          await this.#replace(error);
          continue;
        }
        if (this.#isHopeless(error)) return this.#leave(error as Error);
        this.#setAway((error as Error).message);
      }
      await this.#waitForNextTry(tries);
    }
    return undefined;
  }

  #isHopeless(error: unknown): boolean {
    if (error instanceof HostError) return true;
    const canComeBack = this.place.ready !== undefined && !(error instanceof UsageError);
    // A host that only has files to remove is tried for a while.
    const isLast = this.#isFed && this.#hasFiles;
    const isUnused = this.condition.phase === "new" && this.inFlight.count === 0;
    return isUnused && !canComeBack && !isLast;
  }

  async #connect(): Promise<Link> {
    const { pool, place, mirror } = this;
    const makeRequest: MakeRequest = (ready) => {
      const order = this.#isFed ? this.#lastOrder : undefined;
      const made = pool.request(place, ready, mirror, order);
      this.#hasAsked = true;
      this.workers = made.request.settings.workers;
      return made;
    };
    return await pool.starts.run(() => Link.open(place, makeRequest, this.#over.signal));
  }

  get #lastOrder(): Order {
    return this.pool.stop.aborted || this.place.isFormer ? "stop" : "end";
  }

  async #serve(link: Link): Promise<void> {
    if (link.notice) this.condition.warn(`host ${this.place.name}: ${link.notice}`);
    try {
      await this.#receive(link);
    } catch (error) {
      if (error instanceof MachineGone || error instanceof LostBytes) throw error;
      // What the host has is for the controller that resumes.
      if (!(error instanceof HostError)) return this.#fail(error);
      await link.drop();
      throw error;
    } finally {
      this.#feed.link = undefined;
    }
  }

  async #receive(link: Link): Promise<void> {
    await this.pool.reattached;
    if (this.#isForgotten(link.hello)) return await this.#startAnew(link);
    this.mirror.dropped(this.mirror.drop);
    await link.sendRest(this.mirror);
    this.#setThere(link);
    for await (const packet of link.packets()) {
      this.condition.setHeard();
      const isLast = await this.#take(packet, link);
      if (isLast || this.isOver) return;
    }
  }

  /**
   * Returns true when the host has lost tasks whose events came, or has tasks of another file. When it
   * has lost events, as by a power cut, others may be in their place.
   */
  #isForgotten({ tasks, events, isNew }: Hello): boolean {
    const { size, offset } = this.mirror;
    return tasks > size || events < offset || (isNew && offset > 0);
  }

  #setThere(link: Link): void {
    this.#feed.link = link;
    this.#deathWords = undefined;
    this.condition.setThere();
    this.#change();
    if (this.pool.signal.aborted) link.order("cancel");
    else if (this.#isFed) link.order(this.#lastOrder);
  }

  #setAway(reason: string): void {
    this.condition.setAway(reason);
    this.#change();
  }

  async #waitForNextTry(tries: number): Promise<void> {
    const { lostAfter, signal } = this.pool, { awayMs } = this.condition;
    if (this.#isIdle && awayMs >= FAREWELL_MS) return this.#endIdle(false);
    if (awayMs >= lostAfter) await this.#giveUp(lostAfter);
    if (signal.aborted) return this.#endUnheard();
    await delay(backoffMs(Math.max(1, tries), BACKOFF), [this.#over.signal, signal]);
  }

  /**
   * Takes a packet.
   *
   * @returns true for the last one, after which the host waits for an order or the end of the
   * connection
   */
  async #take(packet: Packet, link: Link): Promise<boolean> {
    const { head } = packet, words = head.died ?? head.failed;
    if ("sum" in head) await this.#takeEvent(packet, link);
    else if ("running" in head) this.condition.running.take(head.running);
    else if ("dropped" in head) this.#finish();
    else if (words !== undefined) await this.#died(withFolderAdvice(`${words}`, this.place), link);
    return words !== undefined;
  }

  async #takeEvent(packet: Packet, link: Link): Promise<void> {
    const before = this.inFlight.count, end = await this.#events.take(packet);
    const responses = before - this.inFlight.count;
    if (responses > 0) {
      this.#hasAnswered = true;
      this.#deaths = 0;
    }
    this.#feed.answered(responses);
    if (end === "left") await this.#depart(link);
    if (end === "ended" && this.#isFed) await link.order("drop");
    this.#change();
  }

  async #died(words: string, link: Link): Promise<void> {
    this.#deathWords = `the process there died${words && `: ${words}`}`;
    if (++this.#deaths < MOST_DEATHS) return;
    // A host with a full disk cannot say that it has ended.
    if (this.#isIdle) return this.#endIdle(await link.drop());
    const text = `${this.#deathWords}, ${MOST_DEATHS} times in a row`;
    if (!this.#hasAnswered) throw new HostError(text);
    this.#deaths = 0;
    await this.#lose(new MachineGone(text));
  }

  /** Gives up a host that was away for too long. */
  async #giveUp(ms: number): Promise<void> {
    const text = `its host ${this.place.name} was away for ${formatDuration(ms)}`;
    const gone = new MachineGone(text);
    if (!this.place.discard) return await this.#lose(gone);
    try {
      await this.place.discard();
      await this.#replace(gone);
    } catch (error) {
      // Its tasks may run on.
      this.condition.reason = (error as Error).message;
    }
  }

  /** Gives the tasks of the host up: those that ran are lost, the others run elsewhere. */
  async #lose(gone: MachineGone): Promise<void> {
    this.#hasAnswered = false;
    if (this.inFlight.count === 0) return;
    const { events, queue } = this.pool;
    const { failures, suspects, innocent } = takeLost(this.inFlight, this.places, gone);
    this.mirror.abandon();
    this.condition.warn(`tasks of host ${this.place.name} run again: ${gone.message}`);
    queue.giveBack(innocent);
    queue.suspect(suspects);
    if (failures.length > 0) await events.send({ ...NO_EVENTS, failures });
    this.#change();
  }

  /** Continues on the machine that takes the place of one that is gone. */
  async #replace(gone: MachineGone): Promise<void> {
    this.condition.setNew();
    this.#hasAsked = false;
    // The tasks of an earlier controller are lost with the machine, too.
    await this.pool.reattached;
    await this.#lose(gone);
    // The folders are gone with the machine, also those of tasks that have all ended.
    if (this.mirror.size > 0) this.mirror.abandon();
    this.mirror.dropped(this.mirror.drop);
    if (this.#isFed) this.#end("done");
  }

  /** Leaves a machine that goes away, and has ended what ran there. */
  async #depart(link: Link): Promise<void> {
    this.#feed.link = undefined;
    this.pool.queue.giveBack(this.inFlight.takeAll());
    this.mirror.abandon();
    await link.drop();
    await this.place.discard?.().catch(() => {});
    throw new MachineGone("it went away");
  }

  /** Begins a new folder on a host that has lost the one of the job. */
  async #startAnew(link: Link): Promise<void> {
    await link.order("drop");
    this.pool.queue.giveBack(this.inFlight.takeAll());
    this.mirror.abandon();
  }

  async #feedToEnd(): Promise<void> {
    await this.#feed.run();
    this.pool.onDrained();
    // A host that has files of an earlier controller is asked even when no more tasks may begin.
    if (!this.#hasAsked && !this.#hasFiles) return this.#end("done");
    if (!this.pool.signal.aborted) this.#feed.link?.order(this.#lastOrder);
  }

  get #hasFiles(): boolean {
    return this.mirror.size + this.mirror.drop.length > 0;
  }

  get #isFed(): boolean {
    return this.#feed.isDone;
  }

  /** True when nothing more is expected of the host but its end. */
  get #isIdle(): boolean {
    return this.#isFed && this.inFlight.count === 0;
  }

  /** Wakes what waits for a change of this host. */
  wake(): void {
    this.#feed.wake();
  }

  #tell(reason: string): void {
    this.condition.reason = reason;
    this.#change();
  }

  #change(): void {
    this.wake();
    this.pool.onChange();
  }

  #cancel(): void {
    if (this.pool.isBroken()) return this.#end("away");
    this.wake();
    this.#feed.link?.order("cancel");
    const limit = this.#feed.link ? this.pool.grace + CANCEL_MS : 0;
    delay(limit, [this.#over.signal]).then(() => this.#endUnheard());
  }

  /** Ends without the answer of a host that it has ended the tasks. A discarded machine has none. */
  #endUnheard(): void {
    if (!this.isOver && this.mirror.size > 0 && !this.place.discard) {
      this.condition.warn(
        `host ${this.place.name} has not ended its tasks: they may run there until dl_jobs cancel`,
      );
    }
    this.#end("done");
  }

  /** Ends after the last task of a host that cannot say that it has ended. */
  #endIdle(areRemoved: boolean): void {
    if (areRemoved) return this.#finish();
    this.condition.warn(
      `host ${this.place.name} is away at the end: its files of the job remain there until dl_jobs cancel`,
    );
    this.#end("done");
  }

  #finish(): void {
    this.pool.queue.giveBack(this.inFlight.takeAll());
    this.mirror.remove();
    this.#end("done");
  }

  /** Leaves a host out of the run. */
  #leave(error: Error): Error {
    this.condition.reason = error.message;
    this.pool.queue.giveBack(this.inFlight.takeAll());
    // A later controller must not find these tasks on this host.
    if (this.mirror.size > 0) this.mirror.abandon();
    return error;
  }

  /** Ends the run after an error of this machine. */
  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#end("out");
  }

  #end(phase: HostState): void {
    if (this.isOver) return;
    this.condition.phase = phase;
    this.#over.abort();
    this.pool.queue.wake();
    this.#change();
  }
}
