import { loadConfig } from "../../../lib/config/load.ts";
import { meantOption, nearestOption } from "../../../lib/config/option_synonyms.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { unknownVariables } from "../../../lib/config/variables.ts";
import { checkOptionNames } from "../../../lib/job/options/option_names.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

Deno.test("meantOption() knows the names of other tools", () => {
  assertEquals([meantOption("n_jobs"), meantOption("host")], ["workers", "hosts"]);
});

Deno.test("meantOption() does not rename an option of a job", () => {
  assertEquals(OPTIONS.filter(({ name }) => meantOption(name) !== undefined), []);
});

Deno.test("nearestOption() returns the option with this name in another tool, or a similar one", async () => {
  const known = ["workers", "max_result", "max_attempts"];
  const cases = [["max_retries", "max_attempts"], ["max-retries", "max_attempts"], [
    "nJobs",
    "workers",
  ]];
  for (const [name, option] of [...cases, ["max_resul", "max_result"]]) {
    assertEquals([name, await nearestOption(name!, known)], [name, option]);
  }
  assertEquals(await nearestOption("maxRetries", ["maxResult", "maxAttempts"]), "maxAttempts");
  assertEquals(await nearestOption("n_jobs", ["memory"]), undefined);
});

Deno.test("a key of the config, a variable and an option in code are told the option they mean", async () => {
  await using folder = await makeFolder({ "dl_jobs.config.yaml": "max_retries: 3\n" });
  const file = `${folder.path}/dl_jobs.config.yaml`;
  const config = await assertRejects(() => loadConfig({ cwd: folder.path, env: {} }), UsageError);
  assertEquals(
    config.message,
    `Cannot use key "max_retries" (${file}:1): did you mean max_attempts?`,
  );
  assertEquals(await unknownVariables({ DL_JOBS_N_JOBS: "4" }), [
    "DL_JOBS_N_JOBS sets no option and is ignored: did you mean DL_JOBS_WORKERS?",
  ]);
  const code = () => checkOptionNames({ maxRetries: 3 }, ["maxResult", "maxAttempts"], "of run()");
  const { message } = await assertRejects(code, UsageError);
  assertEquals(message, 'Cannot use option "maxRetries" of run(): did you mean maxAttempts?');
});
