/**
 * The generated interfaces of the options.
 *
 * @module
 */

import { OPTIONS } from "../../../lib/config/options.ts";
import { configInterfaces } from "../../../scripts/config_interfaces.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";

const PATH = new URL("../../../lib/config/config.ts", import.meta.url);

/** Compares only the words, because formatting may break lines. */
const words = (text: string) => text.split(/[\s*]+/).join(" ");

Deno.test("configInterfaces() writes lib/config/config.ts as it is", async () => {
  const isSame = words(await Deno.readTextFile(PATH)) === words(configInterfaces(OPTIONS));
  assert(isSame, "the table of options has changed: deno run -A scripts/config_interfaces.ts");
});

Deno.test("configInterfaces() writes each option with its sentence, its type and its default", () => {
  const text = configInterfaces([
    { name: "wait_for", type: "duration", default: null, doc: "The longest wait." },
    { name: "mode", type: "text", default: "a", choices: ["a", "b"], doc: "The mode." },
  ]);
  assertStringIncludes(
    text,
    `export type Config = {
  /** The longest wait. Stored in milliseconds. */
  readonly waitFor: number | null;
  /** The mode. */
  readonly mode: "a" | "b";
};`,
  );
  assertStringIncludes(
    text,
    `export interface ConfigInput {
  /**
   * The longest wait.
   * @default {null}
   */
  readonly waitFor?: DurationInput | null | undefined;
  /**
   * The mode.
   * @default {"a"}
   */
  readonly mode?: "a" | "b" | undefined;
}`,
  );
});

Deno.test("configInterfaces() wraps a long sentence", () => {
  const doc = `A sentence of ${"many ".repeat(30)}words.`;
  const text = configInterfaces([{ name: "text", type: "text", default: "none", doc }]);
  assertStringIncludes(text, '   * @default {"none"}\n   */\n  readonly text?: string | number');
  assertEquals(text.split("\n").filter((line) => line.length > 100), []);
});

Deno.test("configInterfaces() writes an empty map as none, because deno doc drops a brace", () => {
  const text = configInterfaces([{ name: "env", type: "map", default: {}, doc: "Variables." }]);
  assertStringIncludes(text, "   * @default {none}\n   */\n  readonly env?: MapInput");
});
