/**
 * The environment variable that tells a worker its slot.
 *
 * @module
 */

/**
 * Returns the variable of a slot. No two workers of a machine that run at the same time have the same
 * number.
 *
 * @param slot the number, from 0
 */
export function slotVariable(slot: number): Readonly<Record<string, string>> {
  return { DL_JOBS_SLOT: String(slot) };
}
