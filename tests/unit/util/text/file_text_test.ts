/**
 * The text of files that a user wrote.
 *
 * @module
 */

import { findConfigFile } from "../../../../lib/config/file.ts";
import { schemaCheck } from "../../../../lib/job/schema/schema_check.ts";
import { readPodTemplate } from "../../../../lib/engines/kubernetes/template.ts";
import { fileText } from "../../../../lib/util/text/file_text.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";

const NO_UTF8 = "the line is not UTF-8, convert the file to UTF-8";

/** Returns the bytes of a text in Latin-1. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

Deno.test("fileText() names the first line that is not UTF-8", () => {
  const cases: [text: string, line: number][] = [
    ["caf\xe9", 1],
    ["a\n\ncaf\xe9\n\xe9\n", 3],
    ["\xff\xfea\0\n\0", 1],
    ["a\r\nb\xc3", 2],
  ];
  for (const [text, line] of cases) {
    const error = assertThrows(() => fileText(latin1(text), "Cannot read a"), UsageError);
    assertEquals(error.message, `Cannot read a:${line}: ${NO_UTF8}`);
  }
  assertEquals(fileText(new TextEncoder().encode("\ufeffé\n"), "Cannot read a"), "é\n");
});

Deno.test("a file of options, a schema and a template must be UTF-8", async () => {
  await using folder = await makeFolder();
  const cases: [name: string, text: string, read: (path: string) => unknown, message: string][] = [
    [
      "dl_jobs.config.yaml",
      "workers: 2\nresults_dir: r\xe9sultats\n",
      () => findConfigFile(folder.path),
      `Cannot read PATH:2: ${NO_UTF8}`,
    ],
    [
      "s.json",
      '{\n"enum": ["caf\xe9"]}',
      (path) => schemaCheck(path, () => {}),
      `Cannot read the schema PATH:2: ${NO_UTF8}`,
    ],
    [
      "pod.yaml",
      "# \xe9\nspec: {}\n",
      readPodTemplate,
      `Cannot use the template PATH:1: ${NO_UTF8}`,
    ],
  ];
  for (const [name, text, read, message] of cases) {
    const path = `${folder.path}/${name}`;
    await Deno.writeFile(path, latin1(text));
    const error = await assertRejects(async () => void await read(path), UsageError);
    assertEquals(error.message, message.replace("PATH", path));
  }
});
