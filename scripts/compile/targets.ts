/**
 * The machines that the one file can be built for, by Deno's names.
 *
 * @module
 */

/** The packages and paths for a kind of machine. */
export interface Target {
  /** Deno's name of the target. */
  readonly name: string;
  /** The npm package that contains Deno for the target. */
  readonly deno: string;
  /** The npm package that contains esbuild for the target. */
  readonly esbuild: string;
  /** The user's cache folder, relative to the home folder. */
  readonly caches: string;
}

const TARGETS: readonly Target[] = [
  {
    name: "x86_64-unknown-linux-gnu",
    deno: "@deno/linux-x64-glibc",
    esbuild: "@esbuild/linux-x64",
    caches: ".cache",
  },
  {
    name: "aarch64-unknown-linux-gnu",
    deno: "@deno/linux-arm64-glibc",
    esbuild: "@esbuild/linux-arm64",
    caches: ".cache",
  },
  {
    name: "x86_64-apple-darwin",
    deno: "@deno/darwin-x64",
    esbuild: "@esbuild/darwin-x64",
    caches: "Library/Caches",
  },
  {
    name: "aarch64-apple-darwin",
    deno: "@deno/darwin-arm64",
    esbuild: "@esbuild/darwin-arm64",
    caches: "Library/Caches",
  },
];

/**
 * Finds a target by its name.
 *
 * @throws {RangeError} when there is no such target
 */
export function findTarget(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found) return found;
  const known = TARGETS.map((target) => target.name).join(", ");
  throw new RangeError(`Cannot compile for "${name}": the targets are ${known}`);
}
