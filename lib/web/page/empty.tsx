/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The page of a folder without jobs.
 *
 * @module
 */

import { h } from "./deps.ts";
import { CommandText } from "./parts.tsx";

/** Says which commands start a job. */
export function NoJobs() {
  return (
    <div class="nothing">
      <h1>There are no jobs in this folder yet</h1>
      <p>A job appears here when it starts. Type one of these in a terminal, in this folder:</p>
      <CommandText command="dl_jobs test 20" />
      <p class="note">runs 20 example tasks, some of which fail.</p>
      <CommandText command="dl_jobs map tiles.ts#mean list.csv" />
      <p class="note">calls the function mean of tiles.ts for each line of list.csv.</p>
      <CommandText command="dl_jobs map -- wc -c {} ::: *.txt" />
      <p class="note">runs a program for each file.</p>
    </div>
  );
}
