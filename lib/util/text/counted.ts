/**
 * Numbers of things in text.
 *
 * @module
 */

/**
 * Returns a number with its noun.
 *
 * @example
 * ```ts
 * import { counted } from "./counted.ts";
 *
 * const text = `${counted(1, "task")}, ${counted(2, "task")}`;
 * if (text !== "1 task, 2 tasks") throw new Error(text);
 * ```
 */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
