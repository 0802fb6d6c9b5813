/**
 * A shell process that kills the workers when the controller has died.
 *
 * @module
 */

import { inOwnSession } from "../../util/process/own_session.ts";
import { exitStatusOf } from "../../util/process/process_status.ts";

// The shell reads the process groups of workers from stdin. When the controller dies, for any
// reason, the system closes this pipe, and the shell kills the remaining groups. A busy worker
// would not notice the death of the controller. Programs such as `timeout` leave the group of their
// worker, so the shell also kills what has a parent or a session in the tree of a worker.
const SCRIPT = `
while read -r sign pid; do
  case $sign in
    +) groups="$groups $pid" ;;
    -) groups=" $groups "; groups="\${groups%% $pid *} \${groups#* $pid }" ;;
  esac
done
set -- $groups
[ $# -gt 0 ] || exit 0
tree=" $groups " more=1 newline="
"
while [ "$more" ]; do
  more= all=$(cat /proc/[0-9]*/stat)
  set -f
  IFS="$newline"
  for line in $all; do
    IFS=" "
    pid=\${line%% *}
    set -- \${line##*) }
    case $tree in *" $pid "*) continue ;; esac
    case $tree in *" $2 "* | *" $4 "*) tree="$tree$pid "; more=1 ;; esac
  done
  unset IFS
  set +f
done
for pid in $groups; do kill -9 "-$pid"; done
for pid in $tree; do kill -9 "$pid"; done`;

/** Kills the process groups of the workers after this process has died, even from SIGKILL. */
export class OrphanReaper implements AsyncDisposable {
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Settles after the end of the shell; `undefined` before its start. */
  #ended: Promise<unknown> | undefined;
  #pids = new Set<number>();

  /** Adds the process group of a worker to the groups that the shell kills, unless it is there. */
  add(pid: number): void {
    if (this.#pids.has(pid)) return;
    this.#pids.add(pid);
    if (this.#ended) this.#send(`+ ${pid}\n`);
    else this.#start();
  }

  /** Removes the process group of a worker that has ended, because the system may reuse its id. */
  remove(pid: number): void {
    this.#pids.delete(pid);
    this.#send(`- ${pid}\n`);
  }

  /** Lets the shell end, which kills the groups that were not removed. */
  close(): void {
    this.#writer?.close().catch(() => {});
  }

  /** Closes the reaper, and waits for the end of the shell. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#ended;
  }

  // Runs when the first worker is added. The worker does not wait for the shell to start.
  #start(): void {
    try {
      const { executable, ...session } = inOwnSession("/bin/sh", ["-c", SCRIPT]);
      const process = new Deno.Command(executable, {
        ...session,
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      // Without a listener, an end by a signal without a name would be an uncaught error.
      this.#ended = exitStatusOf(process);
      this.#writer = process.stdin.getWriter();
      // An earlier start may have failed.
      for (const pid of this.#pids) this.#send(`+ ${pid}\n`);
    } catch {
      // The machine has no shell, or starts no more processes: the next worker tries again. Idle
      // workers still exit at the end of their stdin.
    }
  }

  #send(line: string): void {
    this.#writer?.write(new TextEncoder().encode(line)).catch(() => {});
  }
}
