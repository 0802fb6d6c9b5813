/**
 * The kind of a failure, by which failures are grouped.
 *
 * @module
 */

import type { FailureClass, TaskError } from "./format.ts";
import { messageShape, withoutQuoted } from "./message_shape.ts";
import { userFrame } from "./user_frame.ts";

/** The part of a failure that all failures of the same kind share. */
export interface FailureKind {
  /** The class of the failures. */
  readonly class: FailureClass;
  /** The name of the error's class, such as `TypeError`. */
  readonly type: string;
  /** The message without the parts that differ from task to task. */
  readonly shape: string;
  /** The top frame of the user's code, as `tiles.ts:12 (mean)`. */
  readonly frame?: string | undefined;
}

/**
 * Returns the kind of a failure.
 *
 * @example
 * ```ts
 * import { failureKind } from "./failure_kind.ts";
 *
 * const { shape } = failureKind({ message: "HTTP 503, tile 7", type: "Error", class: "error" });
 * if (shape !== "HTTP 503, tile #") throw new Error(shape);
 * ```
 */
export function failureKind({ message, type, class: kind, stack }: TaskError): FailureKind {
  return { class: kind, type, shape: messageShape(message), frame: userFrame(stack) };
}

/** Returns the kind without the texts in quotes in its message. */
export function widerKind(kind: FailureKind): FailureKind {
  return { ...kind, shape: withoutQuoted(kind.shape) };
}

/** Returns a text that is the same for equal kinds only. */
export function kindKey({ class: kind, type, shape, frame = "" }: FailureKind): string {
  return `${kind}\n${type}\n${frame}\n${shape}`;
}
