/**
 * Commands that run with something, such as a cluster, which variables tell them.
 *
 * @module
 */

/** Runs a command, or a shell without one, and returns its exit status. */
export async function runWithEnv(
  [command = "sh", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return (await new Deno.Command(command, { args, env }).spawn().status).code;
}
