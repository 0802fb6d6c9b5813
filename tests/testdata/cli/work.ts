// Task methods, as a user has them.
export const same = (x: unknown) => x;

export function thirds(x: number) {
  if (x % 3 === 0) throw new Error(`no ${x}`);
  return x;
}

export const listOf = (x: unknown) => x;
export const count = (...args: unknown[]) => args;

export function talks(x: string) {
  console.log(`this is task ${x}`);
  return x;
}

/** A list with a failing task, which must not stop the others. */
export function mixed(x: number) {
  if (x % 3 === 2) throw new TypeError(`thrown for ${x}`);
  if (x === 1) Deno.stdout.writeSync(new TextEncoder().encode("no newline"));
  if (x === 3) return BigInt(x);
  if (x === 4) Deno.exit(3);
  return x;
}

/** Returns for the first task, and never for any other. */
export async function waits(x: number) {
  if (x === 0) return x;
  setInterval(() => {}, 1000);
  await new Promise(() => {});
}
