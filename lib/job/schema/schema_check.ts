/**
 * The check of elements by a schema that this process evaluates: a JSON Schema, which has no code, or
 * an object of the program that started the job.
 *
 * @module
 */

import { shortHash } from "../../bundle/modules/hash.ts";
import type { CheckedBatch, CheckVerdict, ElementCheck } from "../../tasks/checked_list.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { textOf } from "../../util/builtins.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import { fileText } from "../../util/text/file_text.ts";
import { checkFunction, isStandardSchema, type StandardSchema } from "../../worker/check.ts";
import { CHECKS } from "../list/judge.ts";
import type { CheckOptions } from "../options/check_options.ts";
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
  // An object of an old library would be a JSON Schema without known keywords, which accepts all.
  if (typeof schema === "function" || typeof schema === "object" && !isData(schema)) {
    throw new UsageError(
      "Cannot use the schema: it is an object of a library without Standard Schema, use a newer " +
        "version of the library, or a JSON Schema",
    );
  }
  const isFile = typeof schema === "string", name = isFile ? `the schema ${schema}` : "the schema";
  const text = isFile ? await readText(schema) : JSON.stringify(schema);
  const { readJsonSchema } = await import("./json_schema.ts");
  return { check: checkWith(await readJsonSchema(text, name, warn)), hash: await shortHash(text) };
}

const ANY: StandardSchema = { "~standard": { validate: (value) => ({ value }) } };

/** Returns true for JSON data, also such as no schema is. */
function isData(schema: unknown): boolean {
  return schema === null || Array.isArray(schema) || isDict(schema);
}

async function readText(file: string): Promise<string> {
  let bytes;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "no such file" : (cause as Error).message;
    throw new UsageError(`Cannot read the schema ${file}: ${why}`, { cause });
  }
  return fileText(bytes, `Cannot read the schema ${file}`);
}

function checkWith(schema: StandardSchema): ElementCheck {
  const check = checkFunction(schema);
  return async function* (tasks) {
    for await (const batch of tasks) yield await judged(batch, check);
  };
}

const encoder = new TextEncoder();

async function judged(
  batch: TaskBatch,
  check: (text: string) => string | PromiseLike<string>,
): Promise<CheckedBatch> {
  const texts = textsOf(batch), verdicts: CheckVerdict[] = [];
  for (let i = 0; i < texts.length; i += CHECKS) {
    const some = texts.slice(i, i + CHECKS);
    const found = some.map((text) => text === undefined ? "false" : check(text));
    for (const verdict of await Promise.all(found)) {
      verdicts.push(verdict === "true" || readVerdict(encoder.encode(verdict)));
    }
  }
  return { batch, verdicts };
}

/** Returns the texts of the elements; `undefined` for one that is not UTF-8. */
function textsOf(batch: TaskBatch): readonly (string | undefined)[] {
  const text = textOf(batch.bytes);
  if (text !== undefined) return text.split("\n", batch.count);
  return [...batch].map(({ args }) => textOf(args));
}
