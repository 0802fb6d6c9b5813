// Run methods, as a user has them.
import { Job } from "dl_jobs";

const same = { moduleName: "work", methodName: "same", ordered: true };

export function task(count = 2) {
  return new Job({ ...same, name: "default", argsList: Number(count) });
}

/** Returns its arguments, without the long image addresses. */
export function given(...args: unknown[]) {
  const { cpuImage, gpuImage, ...named } = args.pop() as Record<string, unknown>;
  return new Job({ ...same, name: "given", argsList: [[...args, named]], groupedResults: true });
}

export function one({ cpus }: { cpus: unknown }) {
  return new Job({ ...same, name: "one", argsList: [{ cpus }] });
}

export function second(first: unknown = null, { b }: { b?: string }) {
  return new Job({ ...same, name: "second", argsList: [{ first, b }] });
}

const pair = () => [
  new Job({ ...same, name: "first", argsList: ["a"] }),
  new Job({ ...same, name: "second", argsList: ["b"] }),
];
export const list = pair;
export const tuple = () => pair() as [Job, Job];
export const set = async () => new Set(pair());
export function* generator() {
  yield* pair();
}
export async function* asyncGenerator() {
  yield* pair();
}
export const falsy = () => [null, ...pair(), undefined];

export const nothing = () => {};
export const text = () => "hello";
export const empty = () => [];
export const wrong = () => [1];
export const run = () => pair()[0]!.run();
export const notCallable = 3;

export function throws() {
  return inner();
}
function inner(): never {
  throw new RangeError("no such band");
}
export async function rejects() {
  await Promise.resolve();
  inner();
}
export async function hangs() {
  Deno.stdout.writeSync(new TextEncoder().encode("waiting\n"));
  setInterval(() => {}, 1000);
  await new Promise(() => {});
}

export const unknownOption = () => new Job({ ...same, argsList: 2, wrokers: 2 } as never);
export const snakeOption = () => new Job({ ...same, argsList: 2, max_attempts: 2 } as never);
export const wrongValue = () => new Job({ ...same, argsList: 2, workers: "many" });
export const noModule = () => new Job({ argsList: 2 });
export const lostModule = () => new Job({ moduleName: "wrok", argsList: 2 });
export const lostMethod = () => new Job({ ...same, methodName: "smae", argsList: 2 });
export const lostFile = () => new Job({ ...same, argsList: "lost.ndjson" });
export const folder = () => new Job({ ...same, argsList: "run" });
export const breaks = () => new Job({ moduleName: "broken", methodName: "f", argsList: 2 });
export const bursts = () => new Job({ moduleName: "bursts", methodName: "f", argsList: 2 });

const make = (methodName: string, more = {}) =>
  new Job({ moduleName: "work", methodName, ordered: true, ...more });
export const fails = () => make("thirds", { name: "fails", argsList: 3 });
export const lists = () => make("listOf", { name: "lists", argsList: [[1, [2]], 3, []] });
export const named = ({ name }: { name: string }) => make("same", { name, argsList: [7] });
export const talks = () => make("talks", { name: "talks", argsList: ["x"] });
export const platform = () => make("same", { name: "p", argsList: [1], platformJob: true });
export const silent = () => make("same", { name: "silent", argsList: [1], noisy: false });
export const loud = () => make("same", { name: "loud", argsList: [1], noisy: true });
export const single = () => make("count", { name: "single", args: [1, 2], kwargs: { a: 3 } });

/** The bundler renames the parameter `limit`, and removes the `?`. */
const limit = 3;
export function tile(name: string, gpus: number, limit?: number, scale = 1) {
  return new Job({ ...same, name: "tile", argsList: [{ name, gpus, limit, scale }] });
}
export const most = () => new Job({ ...same, name: "most", argsList: [limit] });
export class Group {}
export const ran = () => new Job({ ...same, name: "ran", argsList: [1] }).run();
