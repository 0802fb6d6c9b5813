/**
 * The server by hand: `deno task compute-server [--port N] [--dir FOLDER] [COMMAND...]`.
 *
 * With a command it is there as long as that runs, which finds in its environment what leads to it.
 * Without one it is there until Ctrl-C: what to set then comes on stdout, so that `eval` can take
 * it. All talk goes to stderr.
 *
 * @module
 */

import { ComputeServer } from "./mod.ts";

/** What the command line says. */
interface Asked {
  readonly port: number;
  readonly dir?: string;
  readonly command: readonly string[];
}

if (import.meta.main) {
  const { port, dir, command } = readArgs(Deno.args);
  if (dir) await Deno.mkdir(dir, { recursive: true });
  const server = await ComputeServer.start({ port, ...(dir ? { dir } : {}) });
  const code = command.length > 0 ? await runCommand(command, server) : await untilEnd(server);
  await server[Symbol.asyncDispose]();
  Deno.exit(code);
}

function readArgs(args: readonly string[]): Asked {
  const [name = "", value = "", ...rest] = args;
  if (!name.startsWith("--")) return { port: 0, command: args };
  const asked = readArgs(rest);
  if (name === "--dir" && value) return { ...asked, dir: value };
  if (name === "--port" && /^\d{1,5}$/.test(value)) return { ...asked, port: Number(value) };
  console.error(`Cannot start with ${name} ${value}: write --port N, --dir FOLDER or a command`);
  Deno.exit(2);
}

async function runCommand(
  [program, ...args]: readonly string[],
  server: ComputeServer,
): Promise<number> {
  // Ctrl-C is for the command, and this ends when that has.
  Deno.addSignalListener("SIGINT", () => {});
  const env = server.envOf();
  const { code } = await new Deno.Command(program!, { args, env }).spawn().status;
  return code;
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
