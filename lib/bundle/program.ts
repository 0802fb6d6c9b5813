/**
 * The parts of a program and the addresses of its modules.
 *
 * @module
 */

import type { FunctionRef } from "../job_dir/record.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";

/** The function of a job: an export of a module, or a function itself. */
export type Target = FunctionRef | ((...args: never[]) => unknown);

/** How the function is called. */
export interface BundleOptions {
  /** The task's argument is the list of the function's arguments. @default {false} */
  readonly spread?: boolean;
  /** A folder that keeps programs, so that the same code is made once. @default {none} */
  readonly cache?: string;
}

/** What one build is made of. */
export interface Program {
  /** The program's own text; it imports the user's part as `dl-jobs:user`. */
  readonly entry: string;
  /** The module that stands between the program and the user's function. */
  readonly user: string;
  /** Where the function comes from, when it comes from a module. */
  readonly from?: FunctionRef;
  /** Whether it runs by itself: then the library is a part of it. */
  readonly isWorker: boolean;
}

/** The bundler puts the kind of a module before its address. */
export function withoutNamespace(file: string): string {
  return file.replace(new RegExp(`^${REMOTE}:`), "");
}

/** The URL of what the bundler calls an importer: a path, a URL, or a part of the program. */
export function toUrl(importer: string): string {
  if (/^[a-z]+:/.test(importer)) return importer;
  return toFileUrl(importer.startsWith("/") ? importer : `${Deno.cwd()}/`);
}

export function shortPath(module: string): string {
  if (!module.startsWith("file:")) return module;
  const path = fromFileUrl(module), cwd = `${Deno.cwd()}/`;
  return path.startsWith(cwd) ? path.slice(cwd.length) : path;
}

export const REMOTE = "remote";
export const CODE = /\.[mc]?([jt]sx?)$/;
