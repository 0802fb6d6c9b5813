/**
 * Stacks of errors in a session, which show the user's own frames.
 *
 * @module
 */

import { fromFileUrl } from "../lib/util/paths.ts";

/** The folders of the library, as stacks name them. */
const OWN = ["../lib/", "./"].map((path) => {
  const { href, protocol } = new URL(path, import.meta.url);
  return protocol === "file:" ? fromFileUrl(href) : href;
});

/**
 * Leaves the frames of the library out of all stacks. Deno's REPL prints the stack of an error that
 * an entry throws, and has no other way to change that text.
 *
 * @see https://v8.dev/docs/stack-trace-api#customizing-stack-traces
 */
export function hideOwnFrames(): void {
  Object.defineProperty(Error, "prepareStackTrace", {
    value: stackText,
    writable: true,
    configurable: true,
  });
}

/** The part of V8's `CallSite` that is used here. */
interface Frame {
  getFileName(): string | null | undefined;
  toString(): string;
}

/**
 * Returns the text of a stack without the frames of the library.
 *
 * @param error the error, which may have any properties
 * @param frames the frames, the innermost first
 */
export function stackText(error: unknown, frames: readonly Frame[]): string {
  // In this process, the frames after the call of a task are not the user's.
  const call = frames.findIndex((frame) => `${frame}`.includes("dlJobsInvoke"));
  const shown = withoutOwn(frames.slice(0, call < 0 ? undefined : call));
  // A frame has the path of a file, where a stack without this function has its URL.
  const texts = shown.map((frame) => `${frame}`.replace(/(^|\(|async )(?=\/)/, "$1file://"));
  return [headOf(error), ...texts.map((text) => `    at ${text}`)].join("\n");
}

/** Leaves out the frames of the library, and those of the built-in functions that call them. */
function withoutOwn(frames: readonly Frame[]): Frame[] {
  let isLibrary = false;
  return frames.filter((frame) => {
    const isBuiltIn = `${frame}`.endsWith("(<anonymous>)");
    isLibrary = isOwn(frame.getFileName() ?? "") || (isLibrary && isBuiltIn);
    return !isLibrary;
  });
}

function isOwn(file: string): boolean {
  return OWN.some((folder) => file.startsWith(folder) || file.startsWith(`file://${folder}`));
}

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    // The user's own error may have a `toString` that fails.
    return "Error";
  }
}
