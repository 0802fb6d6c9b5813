/**
 * Programs that a test needs and that not every machine has.
 *
 * @module
 */

/** Whether a program is there, and if not, why it could not be had. */
export interface Program {
  readonly name: string;
  /** Why the tests with it are skipped; nothing when it is there. */
  readonly missing?: string;
}

/** Looks for a program, and installs it where that needs no question: as root on Debian. */
export async function findProgram(name: string): Promise<Program> {
  const exists = () => works(name, "--version");
  if (await exists()) return { name };
  if (Deno.build.os === "windows" || Deno.uid() !== 0 || !await works("apt-get", "--version")) {
    return { name, missing: "it is not installed" };
  }
  const install = () => works("apt-get", "install", "-y", "--no-install-recommends", name);
  if (!await install() && await works("apt-get", "update")) await install();
  if (await exists()) return { name };
  return { name, missing: "it is not installed, and apt-get could not get it" };
}

const INSTALL_MS = 600_000;

async function works(program: string, ...args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(INSTALL_MS),
    }).output();
    return success;
  } catch {
    return false;
  }
}
