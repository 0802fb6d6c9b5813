/**
 * The form of the messages that the command itself writes to stderr.
 *
 * @module
 */

let isJson = false;

/**
 * Sets the form of the messages.
 *
 * @param progress the option `progress`: with `json`, each message is a line of JSON
 */
export function setMessageForm(progress: unknown): void {
  isJson = progress === "json";
}

/** Returns a message in the form that is set, without a newline at its end. */
export function messageText(text: string): string {
  return isJson ? JSON.stringify({ type: "message", text }) : text;
}

/**
 * Returns the option `progress` of a command line that has not been parsed, so that an error of the
 * command line has the right form, too.
 */
export function progressIn(argv: readonly string[]): string | undefined {
  const end = argv.indexOf("--"), flags = end < 0 ? argv : argv.slice(0, end);
  const at = flags.findLastIndex((flag) => /^--progress(=|$)/.test(flag));
  return at < 0 ? undefined : flags[at]!.split("=")[1] ?? flags[at + 1];
}
