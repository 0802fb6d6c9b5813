/**
 * A disk whose power can be cut: an ext4 file system in a file.
 *
 * The cut is the shutdown request of ext4. The file system then loses everything that it has not
 * written to the disk, without writing its own journal, and answers all calls with an error.
 *
 * @see https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/ext4.h
 * @module
 */

import { output, runSync } from "../support/system.ts";
import { until } from "../support/until.ts";

const SIZE_BYTES = 128 * 1024 * 1024;
const EXT4_IOC_SHUTDOWN = 0x8004587dn;
const NO_LOG_FLUSH = 2;

/** A disk whose power can be cut. */
export class PowerCutDisk implements AsyncDisposable {
  #parent: string;

  private constructor(parent: string) {
    this.#parent = parent;
  }

  /** Creates an empty disk and mounts it. */
  static async create(): Promise<PowerCutDisk> {
    const disk = new PowerCutDisk(await Deno.makeTempDir({ prefix: "dl_jobs_power_" }));
    try {
      await Deno.mkdir(disk.path);
      await Deno.writeTextFile(disk.#image, "");
      await Deno.truncate(disk.#image, SIZE_BYTES);
      runSync("mkfs.ext4", ["-q", "-F", disk.#image]);
      disk.#mount();
      return disk;
    } catch (error) {
      await disk[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Returns the reason that no disk can be created here, or `undefined`. */
  static async whyNot(): Promise<string | undefined> {
    const reason = "only root on Linux with loop devices and ext4 can cut the power of a disk";
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return reason;
    try {
      await using disk = await PowerCutDisk.create();
      disk.cut();
      await disk.restart();
      return undefined;
    } catch {
      return reason;
    }
  }

  /** The folder of the disk. */
  get path(): string {
    return `${this.#parent}/disk`;
  }

  /** Cuts the power. */
  cut(): void {
    using libc = new Libc();
    libc.shutdown(this.path);
  }

  /** Mounts the disk again. No process may use it. */
  async restart(): Promise<void> {
    await this.#unmount();
    this.#mount();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unmount();
    await Deno.remove(this.#parent, { recursive: true });
  }

  get #image(): string {
    return `${this.#parent}/image`;
  }

  #mount(): void {
    runSync("mount", ["-o", "loop", this.#image, this.path]);
  }

  /** Unmounts the disk, once processes that are ending no longer use it. */
  async #unmount(): Promise<void> {
    const isMounted = () => Deno.readTextFileSync("/proc/mounts").includes(` ${this.path} `);
    const isGone = () => !isMounted() || output("umount", [this.path], {}).code === 0;
    await until(isGone, "the disk is unmounted");
  }
}

/** The functions of the C library that the cut needs. */
class Libc implements Disposable {
  #library = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });

  shutdown(path: string): void {
    const { open, ioctl, close } = this.#library.symbols;
    const fd = open(new TextEncoder().encode(`${path}\0`), 0);
    const result = ioctl(fd, EXT4_IOC_SHUTDOWN, Uint32Array.of(NO_LOG_FLUSH));
    close(fd);
    if (result !== 0) throw new Error(`Cannot cut the power of ${path}: ioctl returned ${result}`);
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}
