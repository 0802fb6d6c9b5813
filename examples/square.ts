/** Returns the square of a number. */
export function square(x: number): number {
  return x * x;
}
