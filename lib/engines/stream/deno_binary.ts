/**
 * The executable of Deno for a host.
 *
 * @module
 */

import { DENO_PACKAGES } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";

/** The system of a host. */
export interface HostSystem {
  /** The system and the machine, such as `Linux x86_64`. */
  readonly system: string;
  /** The C library, such as `glibc 2.36`; empty for another one than glibc. */
  readonly libc: string;
}

/** The least version of glibc that Deno runs with. */
const LEAST_GLIBC = [2, 27] as const;

/**
 * Returns the path of the executable for a host. The one for another system than this one comes from
 * its npm package.
 *
 * @throws {UsageError} when Deno does not run there, or this machine has none for it.
 */
export async function denoFor({ system, libc }: HostSystem, version: string): Promise<string> {
  checkLibrary(system, libc, version);
  const name = DENO_PACKAGES[system];
  if (Deno.build.standalone || (system !== ownSystem() && !name)) {
    throw new UsageError(
      `it has no Deno ${version}, and there is none for ${system} to send: install it there`,
    );
  }
  return system === ownSystem() ? Deno.execPath() : await fetched(name!, version);
}

/** Lets Deno fetch a package, and returns the path of the executable in it. */
async function fetched(name: string, version: string): Promise<string> {
  const plain = ["--no-lock", "--no-config", "--node-modules-dir=none"];
  await runDeno(["cache", ...plain, `npm:${name}@${version}`]);
  const { npmCache } = JSON.parse(await runDeno(["info", "--json"]));
  const paths = Array.from(
    Deno.readDirSync(npmCache),
    (registry) => `${npmCache}/${registry.name}/${name}/${version}/deno`,
  );
  const path = paths.find(exists);
  if (path) return path;
  throw new UsageError(`its Deno ${version} is not in the package ${name}: install it there`);
}

async function runDeno(args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return text(stdout);
  throw new UsageError(
    `it has no Deno, and the one for its system cannot be fetched: ${text(stderr).slice(-500)}`,
  );
}

function ownSystem(): string {
  const { os, arch } = Deno.build;
  if (os === "linux") return `Linux ${arch}`;
  return os === "darwin" ? `Darwin ${arch === "aarch64" ? "arm64" : arch}` : `${os} ${arch}`;
}

function checkLibrary(system: string, libc: string, version: string): void {
  if (!system.startsWith("Linux")) return;
  const [major, minor] = (/(\d+)\.(\d+)/.exec(libc) ?? []).slice(1).map(Number);
  const [leastMajor, leastMinor] = LEAST_GLIBC;
  const isOld = major !== undefined &&
    (major < leastMajor || (major === leastMajor && minor! < leastMinor));
  if (libc !== "" && !isOld) return;
  throw new UsageError(
    `Deno does not run with its C library: it has ${libc || "no glibc"}, and Deno needs glibc ` +
      `${LEAST_GLIBC.join(".")}, install a Deno ${version} there that is built for it`,
  );
}
