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

export const text = (length) => "x".repeat(length);

export const fail = (id) => {
  throw new RangeError(`there is no tile ${id}`);
};

export const print = (id) => {
  console.log(`tile ${id} is done`);
  return id;
};
