export const f = (x: number) => x + start();

function start(): number {
  throw new Error("not today");
}
export const y = start();
