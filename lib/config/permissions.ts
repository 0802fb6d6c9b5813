/**
 * What a function may do, in Deno's words.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** The permissions that Deno knows. */
export const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/**
 * The flags that give a function what it may do: `{ read: "data", net: "true" }` as
 * `--allow-read=data --allow-net`. Without any it may do what this process may.
 *
 * @example
 * ```ts
 * import { permissionFlags } from "./permissions.ts";
 *
 * const flags = permissionFlags({ read: "data,/tmp", net: "true", run: "false" });
 * if (flags.join(" ") !== "--allow-read=data,/tmp --allow-net") throw new Error(flags.join(" "));
 * ```
 *
 * @throws {UsageError} when Deno has no such permission.
 */
export function permissionFlags(permissions: Readonly<Record<string, string>> | null): string[] {
  if (permissions === null) return ownFlags();
  if (permissions.all === "true") return ["--allow-all"];
  const unknown = Object.keys(permissions).find((name) => !isName(name) && name !== "all");
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot give the permission "${unknown}": the permissions are ${PERMISSIONS.join(", ")}, all`,
    );
  }
  return Object.entries(permissions)
    .filter(([, value]) => value !== "false" && value !== "")
    .map(([name, value]) => value === "true" ? `--allow-${name}` : `--allow-${name}=${value}`);
}

/** What this process may, as far as it can tell. */
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
