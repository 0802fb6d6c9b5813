import { examine } from "../../../lib/job/doctor.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertLess } from "../../support/assert.ts";

Deno.test("examine() does not wait for what a program has started", async () => {
  await using folder = await makeFolder({ "kubectl": "#!/bin/sh\nsleep 30\necho late\n" });
  await Deno.chmod(`${folder.path}/kubectl`, 0o700);
  const path = Deno.env.get("PATH") ?? "", began = Date.now();
  Deno.env.set("PATH", `${folder.path}:${path}`);
  try {
    assertEquals(await examine(["kubernetes"], 500), [{
      part: "kubernetes",
      isReady: false,
      text: "kubectl did not answer within 500 ms",
      mend: "try kubectl auth can-i create jobs",
    }]);
  } finally {
    Deno.env.set("PATH", path);
  }
  assertLess(Date.now() - began, 10_000);
});
