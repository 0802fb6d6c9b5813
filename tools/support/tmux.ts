/**
 * A real terminal with a size, in which a test looks at the screen as a person would.
 *
 * @module
 */

import { until } from "./until.ts";

/** How large a terminal is, and what the program in it finds around itself. */
export interface TmuxOptions {
  readonly columns: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program in a terminal; behind its end stands its exit status, and what is typed is echoed. */
export class Tmux implements AsyncDisposable {
  // It leaves its socket behind, so that has a folder of its own.
  #folder = Deno.makeTempDirSync({ prefix: "dl_jobs_test_" });

  private constructor() {}

  /** Starts a program in the working directory. */
  static async start(
    program: readonly string[],
    { columns, rows = 30, env = {} }: TmuxOptions,
  ): Promise<Tmux> {
    const tmux = new Tmux();
    const words = program.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    // What runs the tests may itself say that nobody looks.
    const variables = Object.entries({ CI: "", ...env }).flatMap(([name, value]) => [
      "-e",
      `${name}=${value}`,
    ]);
    await tmux.#ask([
      ...["-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", String(rows)],
      // It starts at the bottom, as on a terminal that has been used.
      ...[...variables, `printf "\\033[${rows};1H"; ${words}; echo "status $?"; exec cat`],
    ]);
    return tmux;
  }

  /** What is on the screen and has left it at the top, a row each. */
  async screen(): Promise<string[]> {
    return await this.#capture();
  }

  /** The same with every line that was broken at the edge as one. */
  async lines(): Promise<string[]> {
    return await this.#capture("-J");
  }

  /** The same with what paints it, for a picture. */
  async painted(): Promise<string[]> {
    return await this.#capture("-e");
  }

  /** Presses a key by its name, or types a text. */
  async press(...keys: string[]): Promise<void> {
    await this.#ask(["send-keys", ...keys]);
  }

  /** Gives the terminal another size. */
  async resize(columns: number, rows = 30): Promise<void> {
    await this.#ask(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** What the terminal says of itself, such as whether its cursor is shown. */
  async state(format: string): Promise<string> {
    return (await this.#ask(["display-message", "-p", format])).trim();
  }

  /** Waits until the screen has something. */
  async until(pattern: RegExp): Promise<void> {
    let text = "";
    try {
      await until(async () => pattern.test(text = (await this.screen()).join("\n")), `${pattern}`);
    } catch (error) {
      throw new Error(`${(error as Error).message}, but:\n${text}`);
    }
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
