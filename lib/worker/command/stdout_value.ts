/**
 * The result of a task from the stdout of its program.
 *
 * @module
 */

import type { CommandRef } from "../../job_dir/record.ts";
import { decodeStrict } from "../../util/builtins.ts";
import { scanLines } from "../../util/bytes/byte_scan.ts";
import { megabytes } from "../long_text.ts";

/**
 * Returns the JSON text of a result.
 *
 * @param kind the form of stdout. @default {a text}
 * @throws {TypeError} when stdout is not of that form.
 * @throws {RangeError} when the result is longer than a text can be.
 */
export function stdoutValue(bytes: Uint8Array, kind: CommandRef["stdout"]): string {
  if (kind === "none") return "null";
  const text = decode(bytes);
  // Programs that write for Windows begin with a byte order mark, which is not JSON.
  if (kind === "json") return jsonLine(text.replace(/^\ufeff/, ""));
  const whole = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (kind !== "lines") return toJson(whole);
  if (bytes.length > MAX_LINES && scanLines(bytes).count > MAX_LINES) {
    throw new RangeError(TOO_LONG);
  }
  return toJson(text === "" ? [] : whole.split("\n"));
}

// The JSON of more lines is longer than 300 MB. A list of 2^27 elements would end the process.
const MAX_LINES = 1e8;
const TOO_LONG = "its stdout is too long for a result, as JSON, which needs up to six characters " +
  "for one: let it write a file below $DL_JOBS_DIR, and pass --stdout none";

/** The largest stdout that can be a result, in bytes. The runtime ends with the JSON of more. */
export const MAX_STDOUT: number = 2 ** 28;

/**
 * Returns the error of a stdout that exceeds a limit, itself or as JSON.
 *
 * @param most the limit in bytes
 */
export function largeStdout(most: number): RangeError {
  const limit = most === MAX_STDOUT ? "256 MiB" : `max_result, ${megabytes(most)}`;
  return new RangeError(
    `its stdout, as JSON, is larger than ${limit}: let it write a file below $DL_JOBS_DIR, and ` +
      "pass --stdout none",
  );
}

/** @throws {RangeError} when the JSON is longer than a text can be. */
function toJson(value: string | readonly string[]): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new RangeError(TOO_LONG, { cause });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decodeStrict(bytes);
  } catch {
    throw new TypeError(
      "its stdout is not UTF-8: let it write a file below $DL_JOBS_DIR, and pass --stdout none",
    );
  }
}

/** Returns JSON in one line. */
function jsonLine(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new TypeError(
      text.trim() === ""
        ? "its stdout is empty, not JSON: pass --stdout none, or let it print a value"
        : `its stdout is not JSON: ${message}; pass --stdout text to keep it as it is`,
    );
  }
  // In JSON, these characters are only between values.
  return text.trim().replaceAll(/[\t\r\n][\t\r\n ]*/g, "");
}
