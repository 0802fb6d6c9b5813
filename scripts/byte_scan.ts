/**
 * Compiles `lib/util/bytes/byte_scan.wat` to `lib/util/bytes/byte_scan_program.ts`.
 *
 * `deno run -A scripts/byte_scan.ts`
 *
 * @module
 */

import { fromFileUrl } from "../lib/util/paths.ts";

const path = (name: string) =>
  fromFileUrl(new URL(`../lib/util/bytes/${name}`, import.meta.url).href);

/** Returns the text of `byte_scan_program.ts`. */
export async function programText(): Promise<string> {
  const { default: load } = await import("npm:wabt@1.0.37");
  const source = Deno.readTextFileSync(path("byte_scan.wat"));
  const wat = (await load()).parseWat("byte_scan.wat", source, { simd: true });
  const text = btoa(String.fromCharCode(...wat.toBinary({}).buffer));
  const lines = text.match(/.{1,88}/g)!.map((part) => `  "${part}"`);
  return `/**
 * The program of \`byte_scan.wat\` in base64, written by \`scripts/byte_scan.ts\`.
 *
 * @module
 */

/** A WebAssembly module in base64. */
export const BYTE_SCAN_PROGRAM: string =${lines.length > 1 ? "\n" : " "}${lines.join(" +\n")};
`;
}

if (import.meta.main) Deno.writeTextFileSync(path("byte_scan_program.ts"), await programText());
