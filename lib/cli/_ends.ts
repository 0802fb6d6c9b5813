import type { ResultSink } from "../results.ts";
import type { Summary } from "../run.ts";

/** Writes result lines to stdout; a slow reader is waited for. */
export const stdoutSink: ResultSink = {
  async write(lines) {
    for (let at = 0; at < lines.length;) at += await Deno.stdout.write(lines.subarray(at));
  },
};

/** Calls a function with a signal that Ctrl-C and its like abort. */
export async function untilSignal<T>(fn: (signal: AbortSignal) => PromiseLike<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) Deno.addSignalListener(name, stop);
  try {
    return await fn(controller.signal);
  } finally {
    for (const name of signals) Deno.removeSignalListener(name, stop);
  }
}

/** 0 when all tasks of all jobs succeeded, 1 when some failed, 130 when they were interrupted. */
export function exitStatus(summaries: readonly Summary[]): number {
  if (summaries.some(({ canceled }) => canceled > 0)) return 130;
  return summaries.some(({ failed }) => failed > 0) ? 1 : 0;
}
