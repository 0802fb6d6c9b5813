/**
 * Workers that do not become ready for a long time.
 *
 * @module
 */

import { readProcessStat } from "../../util/process/process_stat.ts";
import { startLightTimer } from "../../util/time/light_timer.ts";
import { formatDuration } from "../../util/time/duration.ts";

// Setups that load data may take minutes.
const SLOW_MS = 600_000;

/**
 * Warns when a worker is not ready after ten minutes. It has no limit, because `setup` may take hours.
 *
 * @param pid the process of the worker
 * @param ms the time after which it warns, in milliseconds. @default {600_000}
 * @returns ends the watch when it is disposed of.
 */
export function warnSlowStart(
  pid: number,
  isReady: () => boolean,
  warn: (text: string) => void,
  ms = SLOW_MS,
): Disposable {
  const stop = startLightTimer(() => {
    if (isReady()) return;
    const why = readProcessStat(pid)?.state === "T"
      ? `it is stopped, kill -CONT ${pid} continues it`
      : "the top level of its module, or setup, has not ended";
    warn(
      `Waiting for worker process ${pid}, which is not ready after ${formatDuration(ms)}: ${why}`,
    );
  }, ms);
  return { [Symbol.dispose]: stop };
}
