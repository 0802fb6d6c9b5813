/**
 * Starts jobs in pods as a user does, and checks their outcome.
 *
 * Each job has its own cluster and its own folder.
 *
 * @module
 */

import { STORE } from "../../lib/job_dir/layout.ts";
import type { Faults } from "../../tools/kubectl_stand_in/cluster.ts";
import { type Folder, makeFolder } from "../../tools/support/files.ts";
import { listNames } from "../../tools/support/system.ts";
import { until, within } from "../../tools/support/until.ts";
import { assert, assertEquals } from "../support/assert.ts";
import {
  assertResults,
  endOf,
  readEvents,
  readLines,
  type Said,
  startCli,
} from "../support/jobs.ts";
import { createCluster, type TestCluster, type TestPod } from "./clusters.ts";

/** The number of tasks of a job. */
export const TASKS = 2000;

/** The time limit of a job and of each wait in it, in milliseconds. */
const LIMIT_MS = 170_000;

/** Options of a job. */
export interface PodJobOptions {
  /** The faults of the cluster from the beginning. */
  readonly faults?: Faults | undefined;
  /** More options of the engine, each as `name=value`. */
  readonly kubernetes?: readonly string[] | undefined;
  /** More arguments of the command. */
  readonly args?: readonly string[] | undefined;
}

/** A running controller. */
export interface Controller {
  readonly process: Deno.ChildProcess;
  readonly end: Promise<Said>;
}

/** A job in the pods of its own cluster, which is removed on disposal. */
export class PodJob implements AsyncDisposable {
  private constructor(
    readonly cluster: TestCluster,
    readonly folder: Folder,
    readonly options: PodJobOptions,
  ) {}

  /** Creates a cluster, and writes the files of a job. */
  static async create(options: PodJobOptions = {}): Promise<PodJob> {
    const cluster = await createCluster();
    await cluster.fail(options.faults ?? {});
    const list = Array.from({ length: TASKS }, (_, i) => `${i}\n`).join("");
    const folder = await makeFolder({ "list.ndjson": list, ran: "" });
    // Each task records that it ran, and takes a while.
    await folder.write(
      "work.ts",
      `export async function task(x: number) {
  Deno.writeTextFileSync(${JSON.stringify(`${folder.path}/ran`)}, x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x + 1;
}
`,
    );
    return new PodJob(cluster, folder, options);
  }

  /** Starts a controller of the job. */
  begin(): Controller {
    const { kubernetes = [], args = [] } = this.options;
    const { command, settings } = this.cluster;
    const own = Object.entries({ ...settings, pods: 2, command }).map((pair) => pair.join("="));
    const flags = [...own, ...kubernetes].flatMap((setting) => ["--kubernetes", setting]);
    const workers = ["--workers", "4", "--concurrency", "4"];
    return this.start(
      ...["map", "work.ts", "list.ndjson", "--engine", "kubernetes"],
      ...[...flags, ...workers, ...args],
    );
  }

  /** Starts a command in the folder of the job. */
  start(...args: string[]): Controller {
    const process = startCli(args, { cwd: this.folder.path });
    return { process, end: within(endOf(process, ""), args.join(" "), LIMIT_MS) };
  }

  /** Waits until a number of tasks have succeeded. */
  async untilDone(count: number): Promise<void> {
    const done = () => this.path === undefined ? 0 : readLines(`${this.path}/events.ndjson`).length;
    await until(() => done() > count, `${count} tasks are done`, LIMIT_MS);
  }

  /** The folder of the job's record; undefined before it exists. */
  get path(): string | undefined {
    const store = `${this.folder.path}/${STORE}`;
    const [id] = listNames(store).filter((name) => /^\d/.test(name));
    return id && `${store}/${id}`;
  }

  /** Returns the first pod that runs. */
  running(): TestPod {
    return this.cluster.pods().find(({ phase, killAt }) => phase === "Running" && !killAt)!;
  }

  /** The number of attempts that were charged with a class of failure. */
  charged(name: string): number {
    return readEvents(this.path!).filter((event) =>
      event.type === "retried" && event.error.class === name
    ).length;
  }

  /** Fails unless every task ended once with its result, and at most `mostTwice` ran again. */
  assertWhole(mostTwice: number): void {
    assertResults(this.path!, Array.from({ length: TASKS }, (_, i) => i + 1));
    const ran = readLines(`${this.folder.path}/ran`).length;
    assert(ran >= TASKS && ran <= TASKS + mostTwice, `${ran} calls for ${TASKS} tasks`);
  }

  /** Waits until the cluster has nothing of the job. */
  async assertClean(): Promise<void> {
    const { cluster } = this;
    const isClean = () => cluster.pods().length + cluster.processes().length === 0;
    await until(isClean, "the pods end", LIMIT_MS);
    assertEquals(cluster.jobs(), []);
    assertEquals(listNames(`${this.path}/kubernetes`), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}
