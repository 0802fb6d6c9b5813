/**
 * The answer to `dl_jobs --version`.
 *
 * @module
 */

/** Returns the versions of dl_jobs, Deno and V8, one per line. */
export async function versionText(): Promise<string> {
  const { default: { version } } = await import("../../deno.json", { with: { type: "json" } });
  const { deno, v8 } = Deno.version;
  return `dl_jobs ${version}\ndeno ${deno}\nv8 ${v8}`;
}
