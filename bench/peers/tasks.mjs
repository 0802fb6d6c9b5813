// The functions that are timed, for Deno and for Node.

export const square = (x) => x * x;

export const echo = (x) => x;

/** Keeps a CPU busy for some milliseconds. */
export function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
