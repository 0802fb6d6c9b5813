/**
 * The executable of Deno for a host.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";

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
 * Returns the executable for a host.
 *
 * @throws {UsageError} when Deno does not run there, or this machine has none for it.
 */
export async function denoFor(
  { system, libc }: HostSystem,
  version: string,
): Promise<Uint8Array<ArrayBuffer>> {
  checkLibrary(system, libc);
  if (system !== ownSystem()) {
    throw new UsageError(
      `it has no Deno ${version}, and its system is ${system} while this one is ${ownSystem()}, ` +
        "install Deno there",
    );
  }
  if (Deno.build.standalone) {
    throw new UsageError(
      `it has no Deno ${version}, and this command contains none to send, install Deno there`,
    );
  }
  return await Deno.readFile(Deno.execPath());
}

function ownSystem(): string {
  const { os, arch } = Deno.build;
  if (os === "linux") return `Linux ${arch}`;
  return os === "darwin" ? `Darwin ${arch === "aarch64" ? "arm64" : arch}` : `${os} ${arch}`;
}

function checkLibrary(system: string, libc: string): void {
  if (!system.startsWith("Linux")) return;
  const [major, minor] = (/(\d+)\.(\d+)/.exec(libc) ?? []).slice(1).map(Number);
  const [leastMajor, leastMinor] = LEAST_GLIBC;
  const isOld = major !== undefined &&
    (major < leastMajor || (major === leastMajor && minor! < leastMinor));
  if (libc !== "" && !isOld) return;
  throw new UsageError(
    `Deno does not run with its C library: it has ${libc || "no glibc"}, and Deno needs glibc ` +
      `${LEAST_GLIBC.join(".")}`,
  );
}
