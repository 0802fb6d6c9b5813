/**
 * Random faults of ssh hosts and of the controller.
 *
 * @module
 */

import { delay } from "../../lib/util/time/delay.ts";
import { randomItem } from "../support/random.ts";
import type { SshHosts } from "../ssh_hosts/hosts.ts";

/** The controller of a job, which a fault kills and starts again. */
export interface Controlled {
  /** Kills the controller, and starts another one after a number of milliseconds. */
  restart(ms: number): Promise<void>;
}

/** Hurts a host for a number of milliseconds, and heals it. */
type Fault = (hosts: SshHosts, name: string, ms: number, job: Controlled) => Promise<void> | void;

const FAULTS: Readonly<Record<string, Fault>> = {
  cut: async (hosts, name, ms) => {
    hosts.cut(name);
    await delay(ms);
    hosts.mend(name);
  },
  "drop in": async (hosts, name, ms) => {
    hosts.drop(name, "in");
    await delay(ms);
    hosts.mend(name);
  },
  "drop out": async (hosts, name, ms) => {
    hosts.drop(name, "out");
    await delay(ms);
    hosts.mend(name);
  },
  freeze: async (hosts, name, ms) => {
    hosts.freeze(name);
    await delay(ms);
    hosts.thaw(name);
  },
  reboot: async (hosts, name) => await hosts.reboot(name),
  "power cut": async (hosts, name, ms) => {
    hosts.cut(name);
    await hosts.off(name);
    await delay(ms);
    hosts.mend(name);
    await hosts.on(name);
  },
  "kill ssh": (hosts) => void hosts.killNear(),
  "kill sshd": (hosts, name) => void hosts.kill(name, "sshd: "),
  "kill daemon": (hosts, name) => void hosts.kill(name, " daemon "),
  "kill all": (hosts, name) => void hosts.kill(name, ""),
  "kill controller": async (_hosts, _name, ms, job) => await job.restart(ms),
};

// Longer than the time after which ssh notices a dead connection.
const LONG_MS = 22_000, SHORT_MS = 4000;

/** The number of faults of a job, which otherwise does not get on. */
const MOST_FAULTS = 15;

/** Disturbs a job with one fault after another. */
export class Disturber {
  /** The faults so far, such as `reboot h2`. */
  readonly faults: string[] = [];
  #hosts: SshHosts;
  #job: Controlled;
  #random: () => number;
  #busy = new Set<string>();

  /** Creates the faults of one job. */
  constructor(hosts: SshHosts, job: Controlled, random: () => number) {
    this.#hosts = hosts;
    this.#job = job;
    this.#random = random;
  }

  /** Disturbs hosts {@linkcode MOST_FAULTS} times, or until a signal. Several calls at the same time choose different hosts. */
  async run(end: AbortSignal): Promise<void> {
    while (!end.aborted && this.faults.length < MOST_FAULTS) {
      await delay(200 + SHORT_MS / 2 * this.#random(), [end]);
      if (!end.aborted) await this.#hurt();
    }
  }

  async #hurt(): Promise<void> {
    const random = this.#random, free = this.#hosts.names.filter((name) => !this.#busy.has(name));
    const [kind, fault] = randomItem(random, Object.entries(FAULTS)),
      name = randomItem(random, free);
    const ms = (random() < 0.1 ? LONG_MS : SHORT_MS) * random();
    this.#busy.add(name);
    this.faults.push(`${kind} ${name}`);
    await fault(this.#hosts, name, ms, this.#job);
    this.#busy.delete(name);
  }
}
