import { fromFileUrl } from "../../lib/util/paths.ts";
import { assertEquals } from "../support/assert.ts";

const FUZZ = fromFileUrl(new URL("../../tools/fuzz.ts", import.meta.url).href);

Deno.test("no command believes a damaged file of a job", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", FUZZ, "--part", "0.1", "--seed", "3"],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([text, code], ["600 rounds of damage, seed 3: 0 things wrong\n", 0]);
});
