/**
 * The stdin of a child process.
 *
 * @module
 */

/**
 * Writes a text to the stdin of a process, and closes it. Ignores that the process ends before it
 * has read the text, because its status tells why.
 */
export async function writeStdin({ stdin }: Deno.ChildProcess, text: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
}
