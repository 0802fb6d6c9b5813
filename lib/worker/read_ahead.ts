/**
 * The frames of a worker whose calls can be canceled.
 *
 * @module
 */

import { sliceBytes, waiter } from "../util/builtins.ts";
import type { Channel, TaskFrame } from "./channel.ts";

/** Reads frames while calls run, because the next frame may be a cancellation. */
export class ReadAhead {
  #frames: TaskFrame[] = [];
  #at = 0;
  #end: { readonly error?: unknown } | undefined;
  #changed = waiter();

  /** Starts to read the frames of a channel. */
  constructor(channel: Pick<Channel, "next">) {
    this.#read(channel);
  }

  /**
   * Returns the next tasks; undefined when there are no more.
   *
   * @throws the error of the channel, after the tasks before the error.
   */
  async next(): Promise<TaskFrame | undefined> {
    while (this.#at === this.#frames.length) {
      if (!this.#end) await this.#untilChanged();
      else if ("error" in this.#end) throw this.#end.error;
      else return undefined;
    }
    const frame = this.#frames[this.#at++];
    if (this.#at === this.#frames.length) this.#drop();
    return frame;
  }

  /** Drops the tasks that have not been returned, because the run was canceled. */
  quit(): void {
    this.#drop();
    this.#finish({});
  }

  #drop(): void {
    this.#frames = [];
    this.#at = 0;
  }

  async #read(channel: Pick<Channel, "next">): Promise<void> {
    try {
      for (let frame; !this.#end && (frame = await channel.next());) this.#add(frame);
      this.#finish({});
    } catch (error) {
      this.#finish({ error });
    }
  }

  /** Adds a copy, because the channel reuses the memory of its frames. */
  #add(frame: TaskFrame): void {
    const { lines, checkpoint } = frame;
    this.#frames[this.#frames.length] = {
      ...frame,
      lines: sliceBytes(lines),
      checkpoint: checkpoint && sliceBytes(checkpoint),
    };
    this.#changed.resolve();
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#changed.resolve();
  }

  async #untilChanged(): Promise<void> {
    await this.#changed.promise;
    this.#changed = waiter();
  }
}
