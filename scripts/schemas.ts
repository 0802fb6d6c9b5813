/**
 * Writes the JSON Schemas in docs/schemas/ from the types of the code: `deno run -A
 * scripts/schemas.ts`. With `--check`, only compares them.
 *
 * A schema allows fields that it does not name, because a later version may add some.
 *
 * @module
 */

import { createGenerator, type Schema } from "npm:ts-json-schema-generator@2.4.0";
import { readIfThere } from "../lib/util/files/fs.ts";
import { ROOT } from "./steps/deno.ts";

const FOLDER = `${ROOT}/docs/schemas`;

/** The type of each schema, by the name of its file. */
const TYPES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "cancel": ["lib/cli/json_types.ts", "CancelJson"],
  "clean": ["lib/cli/json_types.ts", "RemoveJson"],
  "doctor": ["lib/cli/json_types.ts", "DoctorJson"],
  "envelope": ["lib/cli/json_output.ts", "JsonEnvelope"],
  "errors": ["lib/cli/json_types.ts", "ErrorsJson"],
  "jobs": ["lib/cli/json_types.ts", "JobsJson"],
  "logs": ["lib/cli/json_types.ts", "LogsJson"],
  "query": ["lib/cli/json_types.ts", "QueryJson"],
  "results": ["lib/cli/json_types.ts", "ResultsJson"],
  "resume": ["lib/cli/json_types.ts", "SummaryJson"],
  "rm": ["lib/cli/json_types.ts", "RemoveJson"],
  "set": ["lib/cli/json_types.ts", "SteerJson"],
  "stack": ["lib/cli/json_types.ts", "StackJson"],
  "status": ["lib/cli/json_types.ts", "StatusJson"],
  "verify": ["lib/cli/json_types.ts", "VerifyJson"],
  "why": ["lib/cli/json_types.ts", "WhyJson"],
  "job_record": ["lib/job_dir/record.ts", "JobRecord"],
  "journal_event": ["lib/journal/format.ts", "TaskEvent"],
  "journal_block": ["lib/journal/format.ts", "BlockHead"],
  "journal_header": ["lib/journal/format.ts", "JournalHeader"],
  "log_line": ["lib/journal/format.ts", "LogLine"],
  "span": ["lib/journal/format.ts", "Span"],
  "resource_sample": ["lib/job_dir/resources.ts", "ResourceSample"],
  "summary": ["lib/job/report/summary.ts", "Summary"],
};

/** Returns the text of each schema, by the name of its file. */
export function schemaTexts(): Map<string, string> {
  const config = tsconfig(), options = { skipTypeCheck: true, additionalProperties: true };
  const generator = createGenerator({ tsconfig: config, ...options });
  const entries = Object.entries(TYPES).map(([name, [, type]]) =>
    [`${name}.json`, textOf(name, generator.createSchema(type))] as const
  );
  Deno.removeSync(config);
  return new Map(entries);
}

/** Writes the settings of the compiler, which the generator reads from a file. */
function tsconfig(): string {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  const files = [...new Set(Object.values(TYPES).map(([file]) => `${ROOT}/${file}`))];
  const compilerOptions = {
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "esnext",
    lib: ["esnext", "dom"],
    types: [],
  };
  Deno.writeTextFileSync(path, JSON.stringify({ compilerOptions, files }));
  return path;
}

function textOf(name: string, { $schema, ...schema }: Schema): string {
  return JSON.stringify({ $schema, title: name, ...schema }, withDefault, 2) + "\n";
}

/**
 * Replaces the text of a tag such as `@default {0}` by its value. Programs insert a default into
 * data, so a tag of words, such as `@default {unknown}`, becomes a sentence of the description.
 */
function withDefault(_key: string, part: unknown): unknown {
  const { default: tag, ...rest } = Object(part);
  if (typeof tag !== "string" || !/^\{.*\}$/.test(tag)) return part;
  try {
    return { ...rest, default: JSON.parse(tag.slice(1, -1)) };
  } catch {
    return { ...rest, description: `${rest.description} When absent: ${tag.slice(1, -1)}.` };
  }
}

if (import.meta.main) {
  const texts = schemaTexts(), isCheck = Deno.args.includes("--check");
  const old = [...texts].filter(([name, text]) => readIfThere(`${FOLDER}/${name}`) !== text);
  if (!isCheck) Deno.mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of old) {
    if (isCheck) console.error(`docs/schemas/${name} is old: run deno run -A scripts/schemas.ts`);
    else Deno.writeTextFileSync(`${FOLDER}/${name}`, text);
  }
  if (isCheck && old.length > 0) Deno.exit(1);
}
