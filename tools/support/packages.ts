/**
 * Debian packages that real systems for tests need.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { isInstalled, output, runSync } from "./system.ts";

/** The programs of a system, each with the Debian package that contains it. */
export type Programs = Readonly<Record<string, string>>;

/** Returns a program that is not installed; undefined when all are installed. */
export function missingOf(programs: Programs): string | undefined {
  return Object.keys(programs).find((name) => !isInstalled(name));
}

/**
 * Installs the packages of missing programs.
 *
 * @throws {Error} when `apt-get` fails
 */
export async function installPrograms(programs: Programs): Promise<void> {
  // A program that another process just installs is there before it works.
  using _lock = await lockPackages();
  if (missingOf(programs) === undefined) return;
  using _ = withoutServices();
  const args = ["install", "-y", "--no-install-recommends", ...Object.values(programs)];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (output("apt-get", args, env).code === 0) return;
  // The package list may be old or absent.
  runSync("apt-get", ["update"], env);
  runSync("apt-get", args, env);
}

/** Waits until no other process installs packages: `apt-get` fails while another one runs. */
export async function lockPackages(): Promise<Disposable> {
  const file = await Deno.open(LOCK, { write: true, create: true });
  await file.lock(true);
  return { [Symbol.dispose]: () => file.close() };
}

const LOCK = "/tmp/dl_jobs_packages.lock";

/**
 * Keeps packages from starting their services while they are installed.
 *
 * @see https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
 */
function withoutServices(): Disposable {
  const path = "/usr/sbin/policy-rc.d";
  if (readIfThere(path) !== "") return { [Symbol.dispose]() {} };
  Deno.writeTextFileSync(path, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}
