/**
 * A pseudo-terminal that a test can type into.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { shellWord } from "../../lib/util/shell.ts";
import { until, within } from "../../tools/support/until.ts";

// A session that is saved as a script checks the types of the library.
const LIMIT_MS = 180_000;

/** The reason that tests with a pseudo-terminal are skipped. */
export const noTerminal: string | undefined = await findScript();

async function findScript(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "script(1) is another one on this system";
  try {
    await new Deno.Command("script", { args: ["--version"], stdout: "null" }).output();
    return undefined;
  } catch {
    return "there is no script(1)";
  }
}

/** A program in a terminal of 100 columns. */
export class Terminal implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #output = "";
  #seen = 0;
  #reading: Promise<void>;

  /** Starts a program. */
  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const words = [program, ...args].map(shellWord);
    const command = `stty cols 100 rows 40; exec ${words.join(" ")}`;
    this.#process = new Deno.Command("script", {
      args: ["--quiet", "--flush", "--return", "--command", command, "/dev/null"],
      env: { CI: "", ...env, TERM: "xterm", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** The output since the last key press. */
  get said(): string {
    return stripVTControlCharacters(this.#output.slice(this.#seen)).replaceAll("\r", "");
  }

  /** Presses keys. */
  async press(keys: string): Promise<void> {
    this.#seen = this.#output.length;
    await this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Waits until the output matches a pattern, and returns the output. */
  async until(pattern: RegExp): Promise<string> {
    return await until(
      () => pattern.test(this.said) && this.said,
      () => `${pattern} is said, but:\n${this.said}`,
      LIMIT_MS,
    );
  }

  /** Types an entry and returns the output up to the next prompt. */
  async enter(text: string): Promise<string> {
    await this.press(text.replaceAll("\n", "\r") + "\r");
    return await this.until(/\n> $/);
  }

  /** Waits for the end of the program and returns its exit status. */
  async end(): Promise<number> {
    const { code } = await within(this.#process.status, "the program ends");
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // The process has ended.
    }
    await this.#writer.close().catch(() => {});
    await this.#reading;
    await this.#process.status;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of this.#process.stdout) {
      this.#output += decoder.decode(part, { stream: true });
    }
  }
}
