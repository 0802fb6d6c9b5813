/**
 * Converts the permissions of workers to Deno's flags.
 *
 * @module
 * @see https://docs.deno.com/runtime/fundamentals/security/
 */

import { UsageError } from "../util/errors.ts";

/** The names of Deno's permissions. */
export const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/**
 * Converts permissions to Deno's flags: `{ read: "data", net: "true" }` to
 * `--allow-read=data --allow-net`.
 *
 * @returns the flags. For `null`, the flags of this process's own permissions.
 *
 * @example
 * ```ts
 * import { permissionFlags } from "./permissions.ts";
 *
 * const flags = permissionFlags({ read: "data,/tmp", net: "true", run: "false" });
 * if (flags.join(" ") !== "--allow-read=data,/tmp --allow-net") throw new Error(flags.join(" "));
 * ```
 *
 * @throws {UsageError} when a name is neither a Deno permission nor `all`.
 */
export function permissionFlags(permissions: Readonly<Record<string, string>> | null): string[] {
  if (permissions === null) return ownFlags();
  if (permissions.all === "true") return ["--allow-all"];
  const unknown = Object.keys(permissions).find((name) => !isName(name) && name !== "all");
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot use the permission "${unknown}": write one of ${PERMISSIONS.join(", ")}, all`,
    );
  }
  return Object.entries(permissions)
    .filter(([, value]) => value !== "false" && value !== "")
    .map(([name, value]) => value === "true" ? `--allow-${name}` : `--allow-${name}=${value}`);
}

/** Returns the flags of the permissions that this process has. */
function ownFlags(): string[] {
  const granted = PERMISSIONS.filter((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  return granted.length === PERMISSIONS.length
    ? ["--allow-all"]
    : granted.map((name) => `--allow-${name}`);
}

function isName(name: string): boolean {
  return (PERMISSIONS as readonly string[]).includes(name);
}
