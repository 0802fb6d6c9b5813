export function f(
  x: number {
}
