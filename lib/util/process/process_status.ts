/**
 * The status of a process that has ended.
 *
 * @module
 */

/** The status of a process that has ended. */
export interface ProcessStatus {
  /** True when the exit status is 0. */
  readonly success: boolean;
  /** The exit status; 128 and the number of the signal when a signal killed the process. */
  readonly code: number;
  /** The name of the signal that killed the process, such as `SIGTERM` or `signal 34`. */
  readonly signal: string | null;
}

/**
 * Waits for the end of a process. Deno has no names for some signals, and throws their numbers.
 *
 * @example
 * ```ts
 * import { exitStatusOf } from "./process_status.ts";
 *
 * const child = new Deno.Command("sh", { args: ["-c", "exit 3"] }).spawn();
 * const { code } = await exitStatusOf(child);
 * if (code !== 3) throw new Error(`${code}`);
 * ```
 */
export async function exitStatusOf(
  child: Pick<Deno.ChildProcess, "status">,
): Promise<ProcessStatus> {
  try {
    return await child.status;
  } catch (error) {
    const number = /^Invalid signal: (\d+)$/.exec((error as Error).message)?.[1];
    if (number === undefined) throw error;
    return { success: false, code: 128 + Number(number), signal: `signal ${number}` };
  }
}
