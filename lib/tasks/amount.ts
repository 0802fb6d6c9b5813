/**
 * A number of tasks, or a share of all tasks.
 *
 * @module
 */

/** A number of tasks, or a share of all tasks. */
export interface Amount {
  /** The number of tasks, or their share, such as 0.05. */
  readonly most: number;
  /** True when `most` is a share. */
  readonly isPart: boolean;
}

/**
 * Parses an amount: a whole number such as `10`, or a share such as `5%`.
 *
 * @returns `undefined` when the text is neither, or the share is above 100%.
 */
export function parseAmount(text: string): Amount | undefined {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const most = Number(digits), isPart = percent === "%";
  if (isPart) return most <= 100 ? { most: most / 100, isPart } : undefined;
  return Number.isSafeInteger(most) ? { most, isPart } : undefined;
}
