/**
 * Reads files with environment variables.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { fileText } from "../util/text/file_text.ts";
import { tryJson } from "../util/try_json.ts";
import { parseEnvLines } from "./env_lines.ts";
import { isVariable } from "./env_option.ts";

/**
 * Reads files with environment variables: lines such as `NAME=VALUE` in the format of Node's
 * `--env-file`, or a JSON object of texts. A later file overrides an earlier one.
 *
 * @param paths the files; `-` is stdin
 * @param cwd the folder of relative paths
 * @throws {UsageError} when a file cannot be read, or contains anything else.
 * @see https://nodejs.org/api/cli.html#--env-fileconfig
 */
export async function readEnvFiles(
  paths: readonly string[],
  cwd: string = Deno.cwd(),
): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const path of paths) {
    const text = fileText(await readBytes(path, cwd), `Cannot read the variables in ${path}`);
    Object.assign(all, checked(parseFile(text, path), path));
  }
  return all;
}

async function readBytes(path: string, cwd: string): Promise<Uint8Array> {
  try {
    if (path === "-") return await new Response(Deno.stdin.readable).bytes();
    return await Deno.readFile(path.startsWith("/") ? path : `${cwd}/${path}`);
  } catch (cause) {
    throw new UsageError(
      `Cannot read the variables in ${path}: ${(cause as Error).message}, name another --env-file`,
      { cause },
    );
  }
}

/** Returns the variables of a file. Their values may be secrets, so an error has only a name. */
function checked(values: Record<string, string>, path: string): Record<string, string> {
  for (const [name, value] of Object.entries(values)) {
    if (isVariable(name, value)) continue;
    const reason = value.includes("\0")
      ? `the value of ${name} contains a NUL character, which no variable can hold, remove it`
      : "a name is empty, or contains = or a NUL character, write another name";
    throw new UsageError(`Cannot read the variables in ${path}: ${reason}`);
  }
  return values;
}

function parseFile(text: string, path: string): Record<string, string> {
  return text.trimStart().startsWith("{")
    ? parseObject(text, path)
    : Object.fromEntries(parseEnvLines(text, `Cannot read the variables in ${path}`));
}

function parseObject(text: string, path: string): Record<string, string> {
  // The message of a syntax error would contain a part of the text.
  const values = tryJson(text);
  if (isDict(values) && Object.values(values).every((value) => typeof value === "string")) {
    return values as Record<string, string>;
  }
  throw new UsageError(
    `Cannot read the variables in ${path}: it is not a JSON object of texts, write {"NAME": "VALUE"}`,
  );
}
