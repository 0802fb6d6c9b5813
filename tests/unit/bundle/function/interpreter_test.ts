import { findInterpreter } from "../../../../lib/bundle/function/interpreter.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { enterFolder } from "../../../support/jobs.ts";
import { useEnv } from "../../../../lib/util/env.ts";

const VENV = ".venv/bin/python";

Deno.test("findInterpreter() takes the option, the environment, .venv, or python3", async (t) => {
  await using folder = await makeFolder({
    [`project/${VENV}`]: "",
    "project/.git/config": "",
    "project/work/deep/tiles.py": "",
    [`active/bin/python`]: "",
    "alone/tiles.py": "",
    [VENV]: "",
  });
  const found = (option: string | null, name: string, active = "") => {
    using _ = useEnv({ VIRTUAL_ENV: active });
    return findInterpreter(option, folder.url(name));
  };
  const module = "project/work/deep/tiles.py";
  await t.step("the option, a path or a command", () => {
    assertEquals(found("/opt/python", module), ["/opt/python"]);
    assertEquals(found("python3.11", module), ["python3.11"]);
    assertEquals(found("bin/python", module), [`${Deno.cwd()}/bin/python`]);
    assertEquals(found("~/bin/python -X dev", module), [
      ...[`${Deno.env.get("HOME")}/bin/python`, "-X", "dev"],
    ]);
    assertEquals(found("uv run --project '/a b' python", module), [
      ...["uv", "run", "--project", "/a b", "python"],
    ]);
    for (const wrong of ["", "  ", "'python"]) {
      assertThrows(() => found(wrong, module), UsageError, "it is not a command");
    }
  });
  await t.step("the option, a path with blanks, quotes or other signs of a shell", async () => {
    const python = 'my env\'s $(x) "y"/bin/python';
    await using entered = await enterFolder({ [python]: "" });
    for (const option of [python, `./${python}`, `${entered.path}/${python}`]) {
      assertEquals(found(option, module), [`${entered.path}/${python}`]);
    }
    assertEquals(found("no env/bin/python -X dev", module), ["no", "env/bin/python", "-X", "dev"]);
  });
  await t.step("the active environment", () => {
    const active = `${folder.path}/active`;
    assertEquals(found(null, module, active), [`${active}/bin/python`]);
  });
  await t.step("the folder .venv above the module, up to the working directory", async () => {
    await using entered = await enterFolder({ [VENV]: "", "work/tiles.py": "" });
    const module = entered.url("work/tiles.py");
    using _ = useEnv({ VIRTUAL_ENV: "" });
    assertEquals(findInterpreter(null, module), [`${entered.path}/${VENV}`]);
    await Deno.chmod(`${entered.path}/.venv`, 0o777);
    const message = `Cannot trust ${entered.path}/.venv: other users can write to`;
    assertThrows(() => findInterpreter(null, module), UsageError, message);
  });
  await t.step("the folder .venv above the module, up to the root of the project", () => {
    assertEquals(found(null, module), [`${folder.path}/project/${VENV}`]);
    assertEquals(found(null, "alone/tiles.py"), ["python3"]);
  });
});
