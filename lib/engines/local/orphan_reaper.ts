/**
 * A shell beside the controller that kills the workers of a controller that has died.
 *
 * @module
 */

// The shell reads the process groups of workers from its stdin. The stdin closes however the
// controller dies, and then the shell kills the groups that are left. A worker that computes could
// not notice the death itself.
const SCRIPT = `
while read -r sign pid; do
  case $sign in
    +) groups="$groups $pid" ;;
    -) groups=" $groups "; groups="\${groups%% $pid *} \${groups#* $pid }" ;;
  esac
done
for pid in $groups; do kill -9 "-$pid"; done`;

/** Kills the process groups of workers when this process has died, however it died. */
export class OrphanReaper implements AsyncDisposable {
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #process: Deno.ChildProcess | undefined;

  /** Adds a worker: its process group is killed after this process's death. */
  add(pid: number): void {
    if (!this.#process) this.#start();
    this.#send(`+ ${pid}\n`);
  }

  /** Removes a worker that has ended: the system may use its pid again. */
  remove(pid: number): void {
    this.#send(`- ${pid}\n`);
  }

  /** Ends the shell, which kills the groups that were not removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.close().catch(() => {});
    await this.#process?.status;
  }

  // Started with the first worker, which does not wait for it.
  #start(): void {
    try {
      this.#process = new Deno.Command("/bin/sh", {
        args: ["-c", SCRIPT],
        stdin: "piped",
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn();
      this.#writer = this.#process.stdin.getWriter();
    } catch {
      // The machine has no shell. Idle workers still exit at the end of their stdin.
    }
  }

  #send(line: string): void {
    this.#writer?.write(new TextEncoder().encode(line)).catch(() => {});
  }
}
