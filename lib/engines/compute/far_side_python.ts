/**
 * The far side of the platform for functions in Python, which needs no Deno: its files, by path in
 * the zip. The name of their package differs from `dl_jobs`, which the user's code may import.
 *
 * @module
 */

import { type LoadText, loadTexts } from "../../util/text_files.ts";

const FILES: Readonly<Record<string, LoadText>> = {
  "__dlentrypoint__.py": () =>
    import("../../../python/dl_jobs/far_side/entrypoint.py", { with: { type: "text" } }),
  "dl_jobs_far_side/__init__.py": () =>
    import("../../../python/dl_jobs/far_side/__init__.py", { with: { type: "text" } }),
  "dl_jobs_far_side/batch_window.py": () =>
    import("../../../python/dl_jobs/far_side/batch_window.py", { with: { type: "text" } }),
  "dl_jobs_far_side/frame.py": () =>
    import("../../../python/dl_jobs/far_side/frame.py", { with: { type: "text" } }),
  "dl_jobs_far_side/local.py": () =>
    import("../../../python/dl_jobs/far_side/local.py", { with: { type: "text" } }),
  "dl_jobs_far_side/local_worker.py": () =>
    import("../../../python/dl_jobs/far_side/local_worker.py", { with: { type: "text" } }),
  "dl_jobs_far_side/on_platform.py": () =>
    import("../../../python/dl_jobs/far_side/on_platform.py", { with: { type: "text" } }),
  "dl_jobs_far_side/orphan_reaper.py": () =>
    import("../../../python/dl_jobs/far_side/orphan_reaper.py", { with: { type: "text" } }),
  "dl_jobs_far_side/process_tree.py": () =>
    import("../../../python/dl_jobs/far_side/process_tree.py", { with: { type: "text" } }),
  "dl_jobs_far_side/result_archive.py": () =>
    import("../../../python/dl_jobs/far_side/result_archive.py", { with: { type: "text" } }),
  "dl_jobs_far_side/task_files.py": () =>
    import("../../../python/dl_jobs/far_side/task_files.py", { with: { type: "text" } }),
  "dl_jobs_far_side/watchdog.py": () =>
    import("../../../python/dl_jobs/far_side/watchdog.py", { with: { type: "text" } }),
  "dl_jobs_far_side/worker_death.py": () =>
    import("../../../python/dl_jobs/far_side/worker_death.py", { with: { type: "text" } }),
  "dl_jobs_far_side/worker_process.py": () =>
    import("../../../python/dl_jobs/far_side/worker_process.py", { with: { type: "text" } }),
  "dl_jobs_far_side/worker_responses.py": () =>
    import("../../../python/dl_jobs/far_side/worker_responses.py", { with: { type: "text" } }),
};

/** Returns the texts of the files, by path in the zip. */
export async function farSideInPython(): Promise<Readonly<Record<string, string>>> {
  return await loadTexts(FILES);
}
