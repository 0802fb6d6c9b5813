/**
 * The command line of a tool whose first word is a verb.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** The values of a tool's options. */
export type Values<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O }>
>["values"];

/**
 * Runs a tool with the arguments of this process, and exits. `--help` prints the usage. Wrong
 * arguments print it too, with the exit status 2. An error becomes one line.
 *
 * @param usage the usage.
 * @param options the tool's options, besides `--help`.
 * @param main the tool, which returns its exit status, or `undefined` for an unknown verb.
 */
export async function runTool<O extends ParseArgsOptionsConfig>(
  usage: string,
  options: O,
  main: (words: string[], values: Values<O>) => Promise<number | undefined>,
): Promise<never> {
  const parsed = parse(options);
  if (parsed && "help" in parsed.values) {
    console.log(usage);
    Deno.exit(0);
  }
  const status = parsed && await main(parsed.positionals, parsed.values).catch(failed);
  if (status === undefined) console.error(usage);
  Deno.exit(status ?? 2);
}

function failed(error: Error): number {
  console.error(`Error: ${error.message}`);
  return 1;
}

/** Parses the arguments of this process; `undefined` when they are wrong. */
function parse<O extends ParseArgsOptionsConfig>(options: O) {
  const help = { type: "boolean", short: "h" } as const;
  try {
    const all = { ...options, help };
    return parseArgs({ args: Deno.args, allowPositionals: true, options: all });
  } catch (error) {
    console.error(`Error: ${(error as Error).message}`);
    return undefined;
  }
}
