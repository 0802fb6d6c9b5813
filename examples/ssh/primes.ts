/** Counts the primes between two numbers, by trial division. */
export function primes({ from, to }: { from: number; to: number }) {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) if (isPrime(n)) count++;
  return { from, count };
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
