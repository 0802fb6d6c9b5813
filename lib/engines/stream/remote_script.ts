/**
 * The commands that run on a host before the program of dl_jobs is there.
 *
 * Each is a script for `sh` in single quotes, because the login shell may be another one, such as
 * fish or csh. A script therefore has no single quote, backslash, exclamation mark or newline.
 *
 * @module
 */

/** The files on the hosts, and the way to start them. */
export interface RemoteProgram {
  /** The folder of dl_jobs on the hosts, absolute or below `~/`. */
  readonly folder: string;
  /** The version of Deno. */
  readonly version: string;
  /** The path of Deno on the hosts. @default {found, or sent} */
  readonly deno?: string | undefined;
  /** The name of the program's file, which has its hash. */
  readonly program: string;
  /** A shell command to run first. */
  readonly setup?: string | undefined;
}

/** The mark before the lines of a host that cannot start the program yet. */
export const NEED_MARK = "dl_jobs-needs";

/** The mark before the exit status of a setup command that failed. */
export const SETUP_MARK = "dl_jobs-setup";

/**
 * Returns the name of Deno's executable on the hosts of a system. Hosts with other CPUs may share a
 * home.
 *
 * @param system the system and the machine, such as `Linux x86_64`
 */
export function denoFile(version: string, system: string): string {
  return `deno-${version}-${system.replace(" ", "-")}`;
}

/** The exit status of a host that refuses a file. Any other failure is one of the connection. */
export const REFUSED = 3;

/** Returns the command that starts the program, or prints what is missing. */
export function attachCommand(
  { folder, version, deno, program, setup }: RemoteProgram,
): string {
  const candidates = deno
    ? [quoted(deno)]
    : ['"$O"', '"$(command -v deno)"', '"$HOME/.deno/bin/deno"'];
  const isOurs = `test "$("$d" --version 2>/dev/null | head -n 1 | cut -d " " -f 2)" = ${version}`;
  return wrapped([
    root(folder),
    ...setup ? setupLines(setup) : [],
    // Files of other users in a shared folder are not run.
    `O="$R/deno-${version}-$(uname -s)-$(uname -m)"; test -O "$O" || O=`,
    `F="$R/${program}"; test -O "$F" && test -s "$F" || F=`,
    "D=",
    `for d in ${candidates.join(" ")}; do ` +
    `if test -z "$D" && test -x "$d" && ${isOurs}; then D=$d; fi; done`,
    'if test -n "$D" && test -n "$F"; then ' +
    `exec "$D" run -A --quiet --no-lock --no-config "$F" attach "$R" ${program}; fi`,
    `echo; echo ${NEED_MARK}`,
    'echo "deno $D"',
    'echo "program $F"',
    'echo "system $(uname -s) $(uname -m)"',
    // A small system may have only one of these. The ldd of another library prints on stderr.
    'echo "libc $(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>/dev/null | head -n 1)"',
    'mkdir -p "$R" && echo "free $(df -Pk "$R" | tail -n 1)"',
    'echo "root $R"',
  ]);
}

/**
 * Returns the lines that run the setup command in this shell. Its stdin is empty, because that of
 * the shell is the connection. Its output comes before the mark of a failure.
 */
function setupLines(setup: string): string[] {
  return [
    `eval "$(echo ${encoded(setup)} | base64 -d)" </dev/null 2>&1`,
    `S=$?; test $S = 0 || { echo; echo "${SETUP_MARK} $S"; }`,
  ];
}

/**
 * Returns the command that stores its stdin as a file. The file gets its name when its size and its
 * hash are right.
 *
 * @param test a command that the file must pass, with the file as `$F`. @default {none}
 */
export function storeCommand(
  folder: string,
  { name, size, sha256, test }: {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    readonly test?: string | undefined;
  },
): string {
  const refuse = `exit ${REFUSED}`;
  // Without a connection, the text ends the shell.
  const fail = (text: string) => `{ rm -f "$F"; echo ${text} >&2; ${refuse}; }`;
  return wrapped([
    "umask 077",
    root(folder),
    // Hosts that share a home may run this at the same time, with the same number as process id.
    `F="$R/${name}.part-${crypto.randomUUID().slice(0, 8)}"`,
    `mkdir -p "$R" || ${refuse}`,
    // A host that was switched off has kept what had arrived.
    'find "$R" -maxdepth 1 -name "*.part-*" -mtime +1 -exec rm -f {} + 2>/dev/null',
    `cat > "$F" || { rm -f "$F"; ${refuse}; }`,
    `test "$(wc -c < "$F")" -eq ${size} || ${fail("it arrived incomplete")}`,
    'S=$(sha256sum "$F" 2>/dev/null || shasum -a 256 "$F")',
    `test "\${S%% *}" = ${sha256} || ${fail("it arrived damaged")}`,
    `chmod 700 "$F" || ${refuse}`,
    ...test ? [`{ ${test}; } || { rm -f "$F"; ${refuse}; }`] : [],
    `mv -f "$F" "$R/${name}" || ${refuse}`,
  ]);
}

function wrapped(lines: readonly string[]): string {
  return `exec sh -c '${lines.join("; ")}'`;
}

function root(folder: string): string {
  return `R=${quoted(folder)}`;
}

/** Returns a path in double quotes. The options allow no character that these would not quote. */
function quoted(path: string): string {
  return path.startsWith("~/") ? `"$HOME/${path.slice(2)}"` : `"${path}"`;
}

function encoded(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
