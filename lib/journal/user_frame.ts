/**
 * The place in the user's code where an error was thrown.
 *
 * @module
 */

/**
 * Returns the top frame of the user's own code in a stack of TypeScript or Python, as
 * `tiles.ts:12 (mean)`. Frames of packages are skipped if there are others.
 *
 * @example
 * ```ts
 * import { userFrame } from "./user_frame.ts";
 *
 * const frame = userFrame("Error: no\n    at mean (file:///home/me/tiles.ts:12:9)");
 * if (frame !== "tiles.ts:12 (mean)") throw new Error(frame);
 * ```
 *
 * @returns `undefined` for a stack without frames, or with frames of the runtime only, which has no
 * file that a user could look at.
 */
export function userFrame(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  const frames = stack.includes('  File "') ? pythonFrames(stack) : scriptFrames(stack);
  const found = frames.find(({ path }) => !FOREIGN.test(path)) ?? frames[0];
  return found && frameText(found);
}

interface StackFrame {
  readonly path: string;
  readonly line: string;
  readonly name: string | undefined;
}

// The addresses of packages, and of modules that are not files of the user.
const FOREIGN =
  /^(?:npm|jsr|data|https?):|\/(?:node_modules|(?:site|dist)-packages|lib\/python3[.\d]*)\/|^<frozen/;

const SCRIPT_FRAME = /^ +at (?:async )?(?:(.+?) \()?([^()\s]+|[^()]*?):(\d+):\d+\)?$/gm;
const RUNTIME = /^(?:node|ext):/;

/** Returns the frames of a stack of V8, the innermost first. */
function scriptFrames(stack: string): StackFrame[] {
  const own = stack.split("\nCaused by ", 1)[0]!;
  const frames = Array.from(own.matchAll(SCRIPT_FRAME), ([, name, path, line]) => ({
    path: path!,
    line: line!,
    name,
  }));
  return frames.filter(({ path }) => !RUNTIME.test(path));
}

const PYTHON_FRAME = /^ +(?:\| +)?File "([^"]+)", line (\d+)(?:,? in (.+))?$/gm;

/** The line above the second exception of a group. The message of the group names the first. */
const SECOND_PART = /^ +\+-+ 2 -+$/m;

/** Returns the frames of a traceback, the innermost first. The last traceback is the error's own. */
function pythonFrames(stack: string): StackFrame[] {
  const first = stack.split(SECOND_PART, 1)[0]!;
  const start = first.lastIndexOf("Traceback (most recent call last)");
  const own = first.slice(Math.max(0, start));
  const frames = Array.from(own.matchAll(PYTHON_FRAME), ([, path, line, name]) => ({
    path: path!,
    line: line!,
    name,
  }));
  return start < 0 ? frames : frames.reverse();
}

function frameText({ path, line, name }: StackFrame): string {
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name === undefined ? `${file}:${line}` : `${file}:${line} (${name})`;
}
