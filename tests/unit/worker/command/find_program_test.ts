import { findProgram } from "../../../../lib/worker/command/find_program.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("findProgram() searches the folders of PATH", async () => {
  await using folder = await makeFolder({ "a/tool": "", "b/tool": "", "b/text": "" });
  await Deno.mkdir(`${folder.path}/a/sub`);
  const [a, b] = [`${folder.path}/a`, `${folder.path}/b`], path = `${folder.path}/none:${a}:${b}`;
  await Deno.chmod(`${b}/tool`, 0o755);
  assertEquals(findProgram("tool", path), `${b}/tool`);
  assertEquals(findProgram(`${b}/tool`, ""), `${b}/tool`);
  const cases: [name: string, message: string][] = [
    ["lost", 'no folder of PATH has the program "lost"'],
    ["sub", `${a}/sub is not a file`],
    ["text", `${b}/text is not executable: run chmod +x`],
    [`${a}/tool`, `${a}/tool is not executable: run chmod +x`],
    ["", "the first word of the command is empty"],
    ["./lost", "./lost does not exist"],
    [`${b}/tool/x`, `${b}/tool/x does not exist`],
  ];
  for (const [name, message] of cases) {
    assertEquals(assertThrows(() => findProgram(name, path), Error).message, message);
  }
});
