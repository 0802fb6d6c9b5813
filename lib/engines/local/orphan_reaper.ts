// Told the pids of process groups, it ends those that are left when its stdin closes: that happens
// however this process dies, and a worker that computes could not see it.
const SCRIPT = `
while read -r sign pid; do
  case $sign in
    +) groups="$groups $pid" ;;
    -) groups=" $groups "; groups="\${groups%% $pid *} \${groups#* $pid }" ;;
  esac
done
for pid in $groups; do kill -9 "-$pid"; done`;

/** Ends the processes of workers when this one is gone, by whatever death. */
export class Guard implements AsyncDisposable {
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #process: Deno.ChildProcess | undefined;

  /** Watches over a worker, and all that it starts. */
  add(pid: number): void {
    if (!this.#process) this.#start();
    this.#tell(`+ ${pid}\n`);
  }

  /** Forgets a worker that has ended. */
  remove(pid: number): void {
    this.#tell(`- ${pid}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.close().catch(() => {});
    await this.#process?.status;
  }

  // Not before there is a worker: that one need not wait for it.
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
      // No shell here: workers still end when they read the end of their stdin.
    }
  }

  #tell(line: string): void {
    this.#writer?.write(new TextEncoder().encode(line)).catch(() => {});
  }
}
