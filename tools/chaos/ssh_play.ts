/**
 * Rounds of jobs on ssh hosts, which random faults disturb.
 *
 * @module
 */

import { sendSignal } from "../../lib/util/process/send_signal.ts";
import { delay } from "../../lib/util/time/delay.ts";
import { SshHosts } from "../ssh_hosts/hosts.ts";
import { makeFolder } from "../support/files.ts";
import { randomOf } from "../support/random.ts";
import type { RoundsOptions } from "../support/rounds.ts";
import { until } from "../support/until.ts";
import { projectFiles, resumeJob, startJob } from "./project.ts";
import { type Controlled, Disturber } from "./ssh_faults.ts";
import { countEnded, verify } from "./verify.ts";

const SOURCE = `export async function square(x: number) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x * x;
}
`;

// Chance failures alone practically never use up 50 attempts. Some hosts are given up midway.
const FLAGS = [
  ...["--engine", "ssh", "--concurrency", "4", "--max-attempts", "50", "--backoff", "0"],
  ...["hosts=h1*2,h2*2,h3*2", "lost_after=10s", "lease=30s"].flatMap((one) => ["--ssh", one]),
];

/** The exit status of a controller that could not connect to any host at its start. */
const REFUSED = 2;

/** The time limit of a round, in milliseconds. */
const LIMIT_MS = 600_000;

/** Plays rounds and returns the number of findings. Prints a line for each round, and a summary. */
export async function playSsh({ rounds, tasks, seed }: RoundsOptions): Promise<number> {
  const random = randomOf(seed);
  let wrong = 0, faults = 0;
  for (let round = 1; round <= rounds; round++) {
    const played = await playRound(tasks, random);
    wrong += played.wrong.length;
    faults += played.faults.length;
    const end = played.wrong.join("; ") || "all there";
    console.log(`round ${round}, ${played.seconds} s: ${played.faults.join(", ")}: ${end}`);
  }
  console.log(
    `${rounds} rounds of ${tasks} tasks on three hosts, seed ${seed}: ${faults} faults, ` +
      `${wrong} things wrong`,
  );
  return wrong;
}

async function playRound(tasks: number, random: () => number) {
  const started = performance.now();
  await using hosts = await SshHosts.up({ install: true });
  await using folder = await makeFolder(projectFiles(SOURCE, tasks));
  const flags = [...FLAGS, "--ssh", `command=ssh -F ${hosts.config}`];
  const job = new Restarted(folder.path, flags), end = new AbortController();
  const disturber = new Disturber(hosts, job, random);
  // A job whose hosts all fail at its start is refused, and leaves nothing to check.
  await until(() => countEnded(folder.path) > 0, "a task has ended", LIMIT_MS);
  const lanes = [disturber.run(end.signal), disturber.run(end.signal)];
  const code = await job.status;
  end.abort();
  await Promise.all(lanes);
  const wrong = [
    ...code === 0 ? [] : [`exit status ${code}`],
    ...verify(folder.path, tasks),
    ...await leftOn(hosts),
  ];
  const seconds = Math.round((performance.now() - started) / 1000);
  return { wrong, faults: disturber.faults, seconds };
}

/** Returns findings when processes of the job remain on hosts. */
async function leftOn(hosts: SshHosts): Promise<string[]> {
  const left = () => hosts.names.filter((name) => hosts.processes(name).length > 0);
  await until(() => left().length === 0, "the hosts are idle").catch(() => {});
  return left().map((name) => `${name} runs ${JSON.stringify(hosts.processes(name))}`);
}

/** A job whose controller is killed and started again until it ends by itself. */
class Restarted implements Controlled {
  /** Resolves with the exit status of the last controller. */
  readonly status: Promise<number>;
  #controller: Deno.ChildProcess;
  #killed = false;
  #next = Promise.withResolvers<void>();

  constructor(readonly cwd: string, readonly flags: readonly string[]) {
    this.#controller = startJob(cwd, { flags });
    this.status = this.#run();
  }

  async restart(ms: number): Promise<void> {
    if (this.#killed) return;
    this.#killed = true;
    sendSignal(this.#controller, "SIGKILL");
    await delay(ms);
    this.#next.resolve();
  }

  async #run(): Promise<number> {
    for (;;) {
      const limit = setTimeout(() => sendSignal(this.#controller, "SIGKILL"), LIMIT_MS);
      const { code, signal } = await this.#controller.status;
      clearTimeout(limit);
      if (this.#killed && signal !== null) {
        await this.#next.promise;
        this.#next = Promise.withResolvers();
        this.#killed = false;
      } else if (code !== REFUSED) return code;
      this.#controller = resumeJob(this.cwd, { flags: this.flags });
    }
  }
}
