/**
 * Starts the server by hand: `deno task compute-server [--port N] [--dir FOLDER] [COMMAND...]`.
 *
 * With a command, the server runs until the command ends. The command finds the server through its
 * environment. Without a command, the server runs until Ctrl-C and prints the variables on stdout,
 * so that `eval` can set them. Messages go to stderr.
 *
 * @module
 */

import { ComputeServer } from "./mod.ts";
import { runWithEnv } from "../support/run_with_env.ts";

/** The arguments of the command line. */
interface MainOptions {
  readonly port: number;
  readonly dir?: string;
  readonly command: readonly string[];
}

if (import.meta.main) {
  const { port, dir, command } = readArgs(Deno.args);
  if (dir) await Deno.mkdir(dir, { recursive: true });
  const server = await ComputeServer.start({ port, dir });
  const code = command.length > 0 ? await runCommand(command, server) : await untilEnd(server);
  await server[Symbol.asyncDispose]();
  Deno.exit(code);
}

function readArgs(args: readonly string[]): MainOptions {
  const [name = "", value = "", ...rest] = args;
  if (!name.startsWith("--")) return { port: 0, command: args };
  const options = readArgs(rest);
  if (name === "--dir" && value) return { ...options, dir: value };
  if (name === "--port" && /^\d{1,5}$/.test(value)) return { ...options, port: Number(value) };
  console.error(`Cannot start with ${name} ${value}: write --port N, --dir FOLDER or a command`);
  Deno.exit(2);
}

async function runCommand(command: readonly string[], server: ComputeServer): Promise<number> {
  // Ctrl-C ends the command, and the end of the command ends this process.
  Deno.addSignalListener("SIGINT", () => {});
  return await runWithEnv(command, server.envOf());
}

async function untilEnd(server: ComputeServer): Promise<number> {
  for (const [name, value] of Object.entries(server.envOf())) {
    console.log(`export ${name}=${value}`);
  }
  console.error(`Compute server at ${server.base}, until Ctrl-C. Set the above where you work.`);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  await promise;
  return 0;
}
