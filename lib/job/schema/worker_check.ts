/**
 * The check of elements by the schema in the module of a function, which a worker evaluates.
 *
 * @module
 */

import type { Bundle } from "../../bundle/program/program.ts";
import type { TaskError } from "../../journal/format.ts";
import { TaskBatch } from "../../tasks/batch.ts";
import type { CheckVerdict, ElementCheck } from "../../tasks/checked_list.ts";
import { judgeElements, type JudgeOptions } from "../list/judge.ts";
import { readVerdict } from "./verdict.ts";

/** The program with a schema. */
export interface SchemaProgram
  extends Pick<JudgeOptions<CheckVerdict>, "settings" | "warn" | "python" | "signal"> {
  readonly program: Pick<Bundle, "code" | "file">;
}

const decoder = new TextDecoder();

/** Returns true when the module of a program has a schema. */
export async function hasSchema(program: SchemaProgram): Promise<boolean> {
  const options = {
    ...program,
    isCheck: true,
    read: (result: Uint8Array) => decoder.decode(result) !== "null",
    readError: () => true,
  };
  for await (const { verdicts } of judgeElements(one(), options)) return verdicts[0]!;
  return false;
}

/** Yields an element that every worker can read. */
async function* one(): AsyncGenerator<TaskBatch> {
  yield TaskBatch.of(new TextEncoder().encode("null\n"), 1, 0);
}

/** Returns the check by the schema of a program. */
export function workerCheck(program: SchemaProgram): ElementCheck {
  return (tasks, signal) =>
    judgeElements<CheckVerdict>(tasks, {
      ...program,
      isCheck: true,
      signal,
      read: readVerdict,
      readError,
    });
}

function readError({ type, message }: TaskError): CheckVerdict {
  // A line that is not JSON, or not UTF-8.
  const isText = type === "SyntaxError" || type === "JSONDecodeError";
  if (isText || message.startsWith("its arguments are not UTF-8")) return false;
  return `the schema failed with ${type}: ${message}`;
}
