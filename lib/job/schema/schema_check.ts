/**
 * The check of elements by a schema that this process evaluates: a JSON Schema, which has no code, or
 * an object of the program that started the job.
 *
 * @module
 */

import { shortHash } from "../../bundle/hash.ts";
import type { CheckedBatch, CheckVerdict, ElementCheck } from "../../tasks/checked_list.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { checkFunction, isStandardSchema, type StandardSchema } from "../../worker/check.ts";
import { CHECKS } from "../judge.ts";
import type { CheckOptions } from "./check_options.ts";
import { readVerdict } from "./verdict.ts";

/**
 * Returns the check of a schema, and the hash of its text, if it has one.
 *
 * @param schema the path of a JSON Schema, or a schema; undefined when any JSON is valid
 * @param warn receives warnings about the schema
 * @throws {UsageError} when the file cannot be read, or is not a JSON Schema.
 */
export async function schemaCheck(
  schema: CheckOptions["schema"],
  warn: (text: string) => void,
): Promise<{ readonly check: ElementCheck; readonly hash?: string }> {
  if (schema === undefined) return { check: checkWith(ANY) };
  if (isStandardSchema(schema)) return { check: checkWith(schema) };
  const isFile = typeof schema === "string", name = isFile ? `the schema ${schema}` : "the schema";
  const text = isFile ? await readText(schema) : JSON.stringify(schema);
  const { readJsonSchema } = await import("./json_schema.ts");
  return { check: checkWith(await readJsonSchema(text, name, warn)), hash: await shortHash(text) };
}

const ANY: StandardSchema = { "~standard": { validate: (value) => ({ value }) } };

async function readText(file: string): Promise<string> {
  try {
    return (await Deno.readTextFile(file)).replace(/^\uFEFF/, "");
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "no such file" : (cause as Error).message;
    throw new UsageError(`Cannot read the schema ${file}: ${why}`, { cause });
  }
}

function checkWith(schema: StandardSchema): ElementCheck {
  const check = checkFunction(schema), decoder = new TextDecoder("utf-8", STRICT);
  const judge = (args: Uint8Array) => {
    try {
      return check(decoder.decode(args));
    } catch {
      return "false";
    }
  };
  return async function* (tasks) {
    for await (const batch of tasks) yield await judged(batch, judge);
  };
}

const STRICT = { fatal: true, ignoreBOM: true };

const encoder = new TextEncoder();

async function judged(
  batch: TaskBatch,
  judge: (args: Uint8Array) => string | PromiseLike<string>,
): Promise<CheckedBatch> {
  const verdicts: CheckVerdict[] = [];
  for (let i = 0; i < batch.count;) {
    const texts: (string | PromiseLike<string>)[] = [];
    for (; i < batch.count && texts.length < CHECKS; i++) {
      texts.push(judge(batch.task(i).args));
    }
    for (const text of await Promise.all(texts)) {
      verdicts.push(text === "true" || readVerdict(encoder.encode(text)));
    }
  }
  return { batch, verdicts };
}
