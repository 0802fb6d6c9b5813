/**
 * The files that a job reads, which its output must not replace.
 *
 * @module
 */

import { diskFile } from "../../formats/disk_file.ts";
import { type JobRecord, type ListSource, programsOf } from "../../job_dir/record.ts";
import type { ByteSource } from "../../ndjson/blocks.ts";
import { UsageError } from "../../util/errors.ts";
import { isSameFile, statIfThere } from "../../util/files/fs.ts";

/**
 * Checks that the job does not read a file, by any name, as its list, code, schema or environment.
 *
 * @param output the file, as the user has named it
 * @param sources the sources of the list, which the record lacks when one of them is a pipe
 * @throws {UsageError} when the job reads the file.
 */
export function assertNoInput(
  output: string,
  record: JobRecord,
  sources: readonly ByteSource[] = [],
): void {
  const own = statIfThere(output);
  if (!own?.isFile) return;
  const opened = sources.map((source) => source === "-" ? "/dev/stdin" : diskFile(source));
  if (![...inputsOf(record), ...opened].some((path) => path && isSameFile(own, path))) return;
  throw new UsageError(
    `Cannot write ${output}: the job reads it, write --output with another file`,
  );
}

function inputsOf(record: JobRecord): string[] {
  const { source, check, reduce, options, directory } = record;
  const programs = [...programsOf(record), ...reduce?.programs ?? []];
  const relative = [
    ...programs.flatMap(({ sources }) => Object.keys(sources ?? {})),
    ...options.envFile,
    ...check?.file === undefined ? [] : [check.file],
    ...listFiles(source),
  ];
  return relative.map((path) => path.startsWith("/") ? path : `${directory ?? Deno.cwd()}/${path}`);
}

function listFiles(source: ListSource): string[] {
  if (source.kind === "file") return [source.path];
  return "files" in source ? source.files.map(({ path }) => path) : [];
}
