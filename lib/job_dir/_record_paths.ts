/**
 * The paths in a record. Paths below the directory of the job are stored relative to it, so that
 * the directory can be moved or copied with its jobs.
 *
 * @module
 */

import { defined } from "../util/defined.ts";
import { toFileUrl } from "../util/paths.ts";

/** The parts of a record that contain paths. */
interface RecordPaths {
  readonly function: { readonly module: string } | object | "function";
  readonly source: {
    readonly kind: string;
    readonly path?: string;
    readonly files?: readonly { readonly path: string }[];
  };
  readonly check?:
    | { readonly file?: string | undefined; readonly module?: string | undefined }
    | undefined;
  readonly reduce?:
    | { readonly function?: { readonly module: string } | undefined }
    | undefined;
  readonly output?: string | undefined;
  readonly files: object;
}

/** Functions that convert a path and a `file:` URL. */
interface Convert {
  readonly path: (path: string) => string;
  readonly url: (url: string) => string;
}

/** Returns a record for the disk, with paths relative to the directory of the job. */
export function withRelativePaths<R extends RecordPaths>(record: R, directory: string): R {
  const below = (text: string, root: string) =>
    text.startsWith(`${root}/`) ? `./${text.slice(root.length + 1)}` : text;
  return convert(record, {
    path: (path) => below(path, directory),
    url: (url) => below(url, toFileUrl(directory)),
  });
}

/** Returns a record from the disk, with absolute paths in the directory that now has the job. */
export function withAbsolutePaths<R extends RecordPaths>(record: R, directory: string): R {
  const join = (text: string, root: string) =>
    text.startsWith("./") ? `${root}/${text.slice(2)}` : text;
  return convert(record, {
    path: (path) => join(path, directory),
    url: (url) => join(url, toFileUrl(directory)),
  });
}

function convert<R extends RecordPaths>(record: R, { path, url }: Convert): R {
  const { function: fn, source, check, reduce, output, files } = record;
  return defined<R>({
    ...record,
    function: typeof fn === "object" && "module" in fn ? { ...fn, module: url(fn.module) } : fn,
    source: source && defined({
      ...source,
      path: source.path && path(source.path),
      files: source.files?.map((one) => ({ ...one, path: path(one.path) })),
    }) as R["source"],
    check: check && defined({
      ...check,
      file: check.file && path(check.file),
      module: check.module && url(check.module),
    }) as R["check"],
    reduce: reduce && defined({
      ...reduce,
      function: reduce.function && { ...reduce.function, module: url(reduce.function.module) },
    }) as R["reduce"],
    output: output && path(output),
    files: files && mapValues(files, path),
  });
}

function mapValues<T extends object>(values: T, fn: (text: string) => string): T {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, fn(text)])) as T;
}
