import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

const warning = (parameter: string) =>
  `The function receives the context of its task as "${parameter}": name the parameter ctx, or ` +
  "take the fields of an element from one object, as in ({ red, nir }) => ...";

for (const engine of ["local", "inline"]) {
  Deno.test(`a job on ${engine} warns once about a parameter that is not for the context`, async () => {
    await using _folder = await enterFolder({
      "columns.ts": "export const wrong = (red: number, nir: number) => typeof nir;\n" +
        "export const pair = (x: unknown, [nir]: number[]) => nir;\n" +
        'import { c, ctx } from "./names.ts"; export const names = () => [c, ctx];\n' +
        "export const short = (x: unknown, c: { task: number }) => c.task;\n" +
        "export const late = (x: unknown, ctx: any = undefined) => ctx?.task;\n" +
        "export const right = (x: unknown, ctx: { task: number }) => ctx.task;",
      "names.ts": "export const c = 1, ctx = 2; console.error(c, ctx);",
    });
    const input = '{"red":1,"nir":2}\n{"red":3,"nir":4}\n';
    const run = async (name: string) => {
      const args = ["map", `columns.ts#${name}`, "-", "--ordered", "--engine", engine, "-j2"];
      const { stdout, stderr } = await cli(args, { input });
      return [stdout, stderr.split("\n").filter((line) => line.includes("context"))];
    };
    assertEquals(await run("wrong"), ['"object"\n"object"\n', [warning("nir")]]);
    assertEquals(await run("pair"), ["", [warning("[nir]")]]);
    for (const name of ["right", "short", "late"]) {
      assertEquals(await run(name), ["0\n1\n", []], name);
    }
  });
}
