/**
 * Syncs a file to disk while it is written.
 *
 * @module
 */

/** The number of bytes after which a file is synced, so that the disk writes while the job runs. */
const SYNC_BYTES = 8 * 1024 * 1024;

/** Syncs a file to disk in the background, one sync at a time. */
export class BackgroundSync {
  #sync: () => Promise<void>;
  /** The number of bytes that were written since the last sync began. */
  #unsynced = 0;
  #isDirty = false;
  #running: Promise<void> | undefined;
  #failure: unknown;

  /** @param sync writes all buffered bytes of the file, and syncs it */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** True when the file has changed since the last sync began. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /**
   * The error of the first sync that failed. It is final: the kernel reports the error once and
   * drops the data, so a second sync of the same file would succeed without them.
   */
  get failure(): unknown {
    return this.#failure;
  }

  /** Records a change of the file, and starts a sync after enough of them. */
  add(bytes: number): void {
    this.#isDirty = true;
    this.#unsynced += bytes;
    if (this.#unsynced >= SYNC_BYTES) this.start();
  }

  /** Records that all changes are on the disk. */
  reset(): void {
    this.#isDirty = false;
    this.#unsynced = 0;
  }

  /** Starts to sync the changes, unless a sync is running, and does not wait for the disk. */
  start(): void {
    if (this.#running || !this.#isDirty) return;
    this.reset();
    this.#running = this.#sync().catch((cause) => void (this.#failure ??= cause))
      .finally(() => this.#running = undefined);
  }

  /**
   * Waits until all changes are on the disk.
   *
   * @throws the error of the first sync that failed.
   */
  async finish(): Promise<void> {
    while (this.#running ?? this.#isDirty) {
      this.start();
      await this.#running;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
