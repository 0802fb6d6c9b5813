/**
 * Starts jobs on ssh hosts as a user does, and checks their outcome.
 *
 * Each job has its own hosts and its own folder, so that several run at the same time.
 *
 * @module
 */

import { STORE } from "../../lib/job_dir/layout.ts";
import { countLines } from "../../lib/util/files/fs.ts";
import type { HostOptions } from "../../tools/ssh_hosts/config.ts";
import { SshHosts } from "../../tools/ssh_hosts/hosts.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { listNames, runSync } from "../../tools/support/system.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { assertResults, endOf, type Said, startCli } from "../support/jobs.ts";

/** The number of tasks of a job. */
export const TASKS = 3000;

/** The time limit of a job and of each wait in it, in milliseconds. */
export const LIMIT_MS = 170_000;

// Each task records on its host that it ran, and takes a while. The last one waits for the end of a
// file, so that a test knows a host without tasks.
const WORK = `
import { existsSync } from "node:fs";
export async function task(x: number) {
  Deno.writeTextFileSync("/var/tmp/ran", x + "\\n", { append: true });
  do await new Promise((resolve) => setTimeout(resolve, 20));
  while (x === ${TASKS - 1} && existsSync("/var/tmp/wait"));
  return x + 1;
}
`;

/** Options of a job. */
export interface SshJobOptions {
  /** The differences of some hosts, by their names. */
  readonly hosts?: Readonly<Record<string, HostOptions>> | undefined;
  /** More options of the engine, each as `name=value`. */
  readonly ssh?: readonly string[] | undefined;
  /** The size of a disk of its own for the folder of jobs, such as `64m`. @default {none} */
  readonly disk?: string | undefined;
}

/** A job on two hosts of its own. They are taken down on disposal. */
export class SshJob implements AsyncDisposable {
  private constructor(
    readonly hosts: SshHosts,
    readonly folder: Folder,
    readonly options: SshJobOptions,
  ) {}

  /** Brings hosts up, and writes the files of a job. */
  static async create(options: SshJobOptions = {}): Promise<SshJob> {
    const list = Array.from({ length: TASKS }, (_, i) => `${i}\n`).join("");
    const hosts = await SshHosts.up({ count: 2, hosts: options.hosts });
    const folder = await makeFolder({ "work.ts": WORK, "list.ndjson": list });
    if (options.disk !== undefined) {
      const store = `${folder.path}/${STORE}`;
      await Deno.mkdir(store, { mode: 0o700 });
      runSync("mount", ["-t", "tmpfs", "-o", `mode=700,size=${options.disk}`, "tmpfs", store]);
    }
    return new SshJob(hosts, folder, options);
  }

  /** Starts a controller of the job. */
  begin(): Controller {
    const command = `command=ssh -F ${this.hosts.config}`;
    const settings = ["hosts=h1*2,h2*2", command, ...this.options.ssh ?? []];
    const flags = settings.flatMap((setting) => ["--ssh", setting]);
    return this.start(
      "map",
      "work.ts",
      "list.ndjson",
      "--engine",
      "ssh",
      "--concurrency",
      "4",
      ...flags,
    );
  }

  /** Starts a command in the folder of the job. */
  start(...args: string[]): Controller {
    const process = startCli(args, { cwd: this.folder.path });
    return { process, end: within(endOf(process, ""), args.join(" "), LIMIT_MS) };
  }

  /** Waits until a number of tasks have succeeded. */
  async untilDone(count: number): Promise<void> {
    const path = () => `${this.path}/events.ndjson`;
    const lines = () => this.path === undefined ? 0 : countLines(path());
    await until(() => lines() > count, `${count} tasks are done`, LIMIT_MS);
  }

  /** The folder of the job's record; undefined before it exists. */
  get path(): string | undefined {
    const store = `${this.folder.path}/${STORE}`;
    const [id] = listNames(store).filter((name) => /^\d/.test(name));
    return id && `${store}/${id}`;
  }

  /**
   * Fails unless every task has one final event with the right result, and at most a number of
   * tasks ran again.
   */
  assertWhole(mostTwice: number): void {
    assertResults(this.path!, Array.from({ length: TASKS }, (_, i) => i + 1));
    const ran = this.hosts.names.map((name) => this.#countRuns(name));
    const total = ran.reduce((sum, count) => sum + count);
    assert(total >= TASKS && total <= TASKS + mostTwice, `${ran} calls for ${TASKS} tasks`);
  }

  /** Waits until a host runs nothing of the job. */
  async assertIdle(name: string): Promise<void> {
    const isIdle = () => this.hosts.processes(name).length === 0;
    await until(isIdle, `${name} runs nothing`).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(this.hosts.processes(name))}`);
    });
  }

  /** Fails unless a host has no file of the job. Deno and dl_jobs itself remain for the next job. */
  assertNoFiles(name: string): void {
    assertEquals(this.hosts.run(name, "ls -A .cache/dl_jobs/jobs 2>/dev/null || :"), "", name);
  }

  #countRuns(name: string): number {
    return countLines(`${this.hosts.root(name)}/var/tmp/ran`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hosts[Symbol.asyncDispose]();
    if (this.options.disk !== undefined) runSync("umount", ["-l", `${this.folder.path}/${STORE}`]);
    await this.folder[Symbol.asyncDispose]();
  }
}

/** A running controller. */
export interface Controller {
  readonly process: Deno.ChildProcess;
  readonly end: Promise<Said>;
}
