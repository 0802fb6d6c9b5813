/**
 * System calls that fail, for processes of tests: a library that a process loads first
 * (`LD_PRELOAD`) answers `flock`, `fsync` and `stat` with an error.
 *
 * @module
 */

import { makeFolder } from "../../tools/support/files.ts";
import { whySkipped } from "./programs.ts";

/** The calls that fail, and the error numbers they fail with. */
export interface BrokenCalls {
  /** The error of each `flock`. @default {none} */
  readonly flock?: number;
  /** The error of each `fsync` of a file whose path contains `at`. @default {none} */
  readonly fsync?: number;
  /** The error of each `stat` of a path that contains `at`. @default {none} */
  readonly stat?: number;
  /** A part of a path. @default {any file} */
  readonly at?: string;
  /** True when only the first of these calls fails. @default {false} */
  readonly once?: boolean;
  /** True when only the `fsync` of folders fails. @default {false} */
  readonly foldersOnly?: boolean;
}

/** Error numbers of Linux. */
export const ERRNO = { EIO: 5, EINVAL: 22, ENOLCK: 37, ENOSYS: 38, EOPNOTSUPP: 95 } as const;

const SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static int fails(const char *name, int fd) {
  char *error = getenv(name), *part = getenv("BROKEN_AT"), link[64], path[4096];
  if (!error) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (part && !strstr(path, part)) return 0;
  struct stat status;
  if (getenv("BROKEN_FOLDERS") && (fstat(fd, &status) || !S_ISDIR(status.st_mode))) return 0;
  static int failed;
  if (__sync_fetch_and_add(&failed, 1) > 0 && getenv("BROKEN_ONCE")) return 0;
  errno = atoi(error);
  return 1;
}
#define REAL(name) ((int (*)()) dlsym(RTLD_NEXT, name))
int flock(int fd, int how) { return fails("BROKEN_FLOCK", fd) ? -1 : REAL("flock")(fd, how); }
int fsync(int fd) { return fails("BROKEN_FSYNC", fd) ? -1 : REAL("fsync")(fd); }
int statx(int dir, const char *path, int flags, unsigned int mask, struct statx *to) {
  const char *error = getenv("BROKEN_STAT"), *volatile given = path;
  if (!error || !given || !strstr(given, getenv("BROKEN_AT"))) {
    return syscall(SYS_statx, dir, given, flags, mask, to);
  }
  errno = atoi(error);
  return -1;
}
int fdatasync(int fd) { return fails("BROKEN_FSYNC", fd) ? -1 : REAL("fdatasync")(fd); }
`;

/** The reason that calls cannot be broken here, or `undefined`. */
export const whyNotBroken: string | undefined = whySkipped(
  Deno.build.os === "linux" && await works()
    ? undefined
    : "cc for Linux with glibc is not installed",
);

/** A library that breaks calls. Disposal removes it. */
export interface BrokenLibrary extends AsyncDisposable {
  /** Returns the environment of a process whose calls fail. */
  env(calls: BrokenCalls): Record<string, string>;
}

/** Compiles the library. */
export async function breakCalls(): Promise<BrokenLibrary> {
  const folder = await makeFolder({ "broken.c": SOURCE });
  const library = `${folder.path}/broken.so`;
  const { success, stderr } = await new Deno.Command("cc", {
    args: ["-shared", "-fPIC", "-o", library, `${folder.path}/broken.c`, "-ldl"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return {
    env: ({ flock, fsync, stat, at, once = false, foldersOnly = false }) => ({
      LD_PRELOAD: library,
      ...(flock !== undefined && { BROKEN_FLOCK: `${flock}` }),
      ...(fsync !== undefined && { BROKEN_FSYNC: `${fsync}` }),
      ...(stat !== undefined && { BROKEN_STAT: `${stat}` }),
      ...(at !== undefined && { BROKEN_AT: at }),
      ...(once && { BROKEN_ONCE: "1" }),
      ...(foldersOnly && { BROKEN_FOLDERS: "1" }),
    }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function works(): Promise<boolean> {
  try {
    await using _library = await breakCalls();
    return true;
  } catch {
    return false;
  }
}
