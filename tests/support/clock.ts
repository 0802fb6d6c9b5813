/**
 * The clock of the machine, which its user or a time server may set.
 *
 * @module
 */

const HOUR_MS = 3_600_000;

/** Sets the clock of this process back with each look at it, until it is disposed of. */
export function setClockBack(): Disposable {
  const { now } = Date;
  let hours = 0;
  Date.now = () => now() - HOUR_MS * hours++;
  return { [Symbol.dispose]: () => void (Date.now = now) };
}
