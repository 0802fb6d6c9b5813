/**
 * Disturbs jobs on three ssh hosts at random, and checks for lost and doubled tasks:
 * `deno run -A tools/ssh_chaos.ts [--rounds N] [--tasks N] [--seed N]`
 *
 * Links are cut, packets dropped, hosts stopped and rebooted, and all kinds of processes killed, two
 * faults at a time. Then each task must have one final event, each result must occur once, and no
 * host may run anything. Prints a line for each round. The exit status is 1 when anything is wrong.
 * Hosts need root on Linux.
 *
 * @module
 */

import { playSsh } from "./chaos/ssh_play.ts";
import { numbersOf } from "./support/args.ts";

if (import.meta.main) {
  const options = numbersOf(Deno.args, { rounds: 5, tasks: 20_000 });
  Deno.exit(await playSsh(options) === 0 ? 0 : 1);
}
