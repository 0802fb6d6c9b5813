/**
 * A real terminal with a size, whose screen a program can read.
 *
 * @module
 */

import { shellWord } from "../../lib/util/shell.ts";
import { until } from "./until.ts";

/** The size of a terminal and the environment of the program in it. */
export interface TmuxOptions {
  readonly columns: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A program in a terminal. The terminal echoes typed text, and prints the exit status at the end.
 */
export class Tmux implements AsyncDisposable {
  // tmux leaves its socket behind, so the socket is in a temporary folder that is removed.
  #folder = Deno.makeTempDirSync({ prefix: "dl_jobs_test_" });

  private constructor() {}

  /** Starts a program in the working directory. */
  static async start(
    program: readonly string[],
    { columns, rows = 30, env = {} }: TmuxOptions,
  ): Promise<Tmux> {
    const tmux = new Tmux();
    const words = program.map(shellWord).join(" ");
    // The caller may run in CI, where programs are not interactive.
    const variables = Object.entries({ CI: "", ...env }).flatMap(([name, value]) => [
      "-e",
      `${name}=${value}`,
    ]);
    await tmux.#ask([
      ...["-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", String(rows)],
      // The program starts at the bottom, as on a terminal that has been used.
      ...[...variables, `printf "\\033[${rows};1H"; ${words}; echo "status $?"; exec cat`],
    ]);
    return tmux;
  }

  /** Returns the rows of the screen and of its scrollback. */
  async screen(): Promise<string[]> {
    return await this.#capture();
  }

  /** Returns the rows, with wrapped lines joined. */
  async lines(): Promise<string[]> {
    return await this.#capture("-J");
  }

  /** Returns the rows with their colour codes. */
  async painted(): Promise<string[]> {
    return await this.#capture("-e");
  }

  /** Presses keys by their names, or types a text. */
  async press(...keys: string[]): Promise<void> {
    await this.#ask(["send-keys", ...keys]);
  }

  /** Changes the width of the terminal. It keeps its rows. */
  async resize(columns: number): Promise<void> {
    await this.#ask(["resize-window", "-x", String(columns)]);
  }

  /** Returns a property of the terminal, given as a format of tmux. */
  async state(format: string): Promise<string> {
    return (await this.#ask(["display-message", "-p", format])).trim();
  }

  /** Waits until the screen matches a pattern. */
  async until(pattern: RegExp): Promise<void> {
    let text = "";
    await until(
      async () => pattern.test(text = (await this.screen()).join("\n")),
      () => `${pattern}, but:\n${text}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ask(["kill-server"]);
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #capture(...flags: string[]): Promise<string[]> {
    const text = await this.#ask(["capture-pane", "-p", "-S", "-", ...flags]);
    return text.trim().split("\n").map((row) => row.trimEnd());
  }

  async #ask(args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-S", `${this.#folder}/socket`, ...args],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}
