/**
 * A record for tests.
 *
 * @module
 */

import { defaultConfig } from "../../../lib/config/load.ts";
import type { JobRecord } from "../../../lib/job_dir/record.ts";

/** Creates the record of a job that has started. */
export function recordFor(id: string, more: Partial<JobRecord> = {}): JobRecord {
  return {
    id,
    name: "work.task",
    function: { module: "file:///work.ts", method: "task" },
    code: "c0de",
    engine: "local",
    options: defaultConfig(),
    source: { kind: "stream" },
    started: "2026-01-02T03:04:05.000Z",
    versions: {},
    files: {},
    ...more,
  };
}
