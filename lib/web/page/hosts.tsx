/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The machines of a running job.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { h } from "./deps.ts";

/** Shows the number of connected machines, and the state of each on demand. */
export function Hosts({ hosts = [] }: Pick<Snapshot, "hosts">) {
  if (hosts.length === 0) return null;
  const there = hosts.filter(({ isThere }) => isThere).length;
  return (
    <details class="note" open={there < hosts.length}>
      <summary>{there} of {hosts.length} {hosts.length === 1 ? "host" : "hosts"}</summary>
      {hosts.map(({ text }) => <div key={text}>{text}</div>)}
    </details>
  );
}
