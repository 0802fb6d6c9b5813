/**
 * The user's own `kubectl`, whose contexts, logins and proxies apply.
 *
 * @see https://kubernetes.io/docs/reference/kubectl/
 *
 * @module
 */

import { writeStdin } from "../../util/process/write_stdin.ts";
import { endShell, type ShellProcess, startConnector } from "../stream/shell.ts";
import { SilenceLimit } from "../stream/silence_limit.ts";
import type { KubernetesSettings } from "./options.ts";

/** The name of the container in a pod that runs tasks. */
export const CONTAINER = "dl-jobs";

const MOST_SAID = 200;
// A command sends several requests, each with a limit of 20 s. The program of a login has none: it
// may wait for a user who does not see its question.
const MOST_MS = 120_000;

/** An answer of `kubectl` that is an error. */
export class KubectlError extends Error {
  /** True when there is an object of this name already. */
  get isExisting(): boolean {
    return this.message.includes("(AlreadyExists)");
  }

  /** True when the server refuses the request, so that a later try cannot help. */
  get isRefused(): boolean {
    return /\((Forbidden|Invalid|BadRequest|Unauthorized|NotFound)\)|exceeded quota/
      .test(this.message);
  }
}

/** Commands of `kubectl` in one namespace. */
export class Kubectl {
  #program: string;
  #args: readonly string[];

  /**
   * Creates the commands for the settings of a job.
   *
   * @param mostMs the time in which a command must end, in milliseconds
   */
  constructor(
    { command: [program = "kubectl", ...args], context, namespace }: Pick<
      KubernetesSettings,
      "command" | "context" | "namespace"
    >,
    readonly mostMs: number = MOST_MS,
  ) {
    this.#program = program;
    this.#args = [
      ...args,
      ...context ? ["--context", context] : [],
      ...namespace ? ["--namespace", namespace] : [],
    ];
  }

  /** The command as a user types it. */
  get text(): string {
    return [this.#program, ...this.#args].join(" ");
  }

  /**
   * Runs a command.
   *
   * @param input the object for its stdin. @default {none}
   * @returns its stdout
   * @throws {KubectlError} when it fails, or takes too long.
   */
  async run(args: readonly string[], input?: object): Promise<string> {
    const shell = this.#start(["--request-timeout=20s", ...args]), { child, ended } = shell;
    using limit = new SilenceLimit(this.mostMs, () => endShell(shell));
    writeStdin(child, input ? JSON.stringify(input) : "");
    const [stdout, { code, words }] = await Promise.all([
      new Response(child.stdout).text(),
      ended,
    ]);
    if (code === 0) return stdout;
    if (limit.hasPassed) throw new KubectlError(`${this.text} did not answer for ${limit.text}`);
    throw new KubectlError(words || stdout.trim() || `${this.text} ended with ${code}`);
  }

  /**
   * Runs a command that prints JSON.
   *
   * @throws {KubectlError} when it fails, or prints something else.
   */
  async read<T>(args: readonly string[]): Promise<T> {
    const text = await this.run([...args, "-o", "json"]);
    try {
      // A script around kubectl may print lines of its own before.
      return JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
    } catch {
      const said = text.trim().slice(0, MOST_SAID) || "nothing";
      throw new KubectlError(`${this.text} ${args.join(" ")} printed no JSON, but ${said}`);
    }
  }

  /** Starts a script in a pod. */
  exec(pod: string, script: string): ShellProcess {
    return this.#start(["exec", "-i", pod, "-c", CONTAINER, "--", "sh", "-c", script]);
  }

  #start(args: readonly string[]): ShellProcess {
    return startConnector(this.#program, [...this.#args, ...args], MISSING);
  }
}

const MISSING = {
  goal: "run on Kubernetes",
  advice: "install kubectl or set --kubernetes command=PROGRAM",
};
