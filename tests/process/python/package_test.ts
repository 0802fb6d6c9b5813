import { fromFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";

const whyNot = await whyNoProgram("python3");
const FOLDER = fromFileUrl(new URL("../../../python", import.meta.url).href);

for (const { name } of Deno.readDirSync(`${FOLDER}/tests`)) {
  if (!/^test_\w+\.py$/.test(name)) continue;
  Deno.test({
    name: `python/tests/${name} passes${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      const { code, stderr } = await new Deno.Command("python3", {
        args: ["-m", "unittest", `tests/${name}`],
        cwd: FOLDER,
        env: { PYTHONDONTWRITEBYTECODE: "1" },
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    },
  });
}
