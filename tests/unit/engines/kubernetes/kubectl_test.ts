import { Kubectl, KubectlError } from "../../../../lib/engines/kubernetes/kubectl.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

/** Reads what a script prints in place of `kubectl`. */
const read = (script: string) =>
  new Kubectl({ command: ["sh", "-c", script], context: undefined, namespace: undefined })
    .read(["get", "pods"]);

Deno.test("Kubectl.read() takes lines before the JSON for those of a script around kubectl", async () => {
  for (const lines of ["", "Signed in\\n", "A new version is available\\n"]) {
    const script = `printf '${lines}{\\n  "items": [1]\\n}\\n'`;
    assertEquals(await read(script), { items: [1] });
  }
});

Deno.test("Kubectl.read() tells what is printed instead of JSON", async () => {
  for (const [script, said] of [["echo '<html>sign in'", "<html>sign in"], ["true", "nothing"]]) {
    const { message } = await assertRejects(() => read(script!), KubectlError);
    assertEquals(message, `sh -c ${script} get pods printed no JSON, but ${said}`);
  }
});

Deno.test("Kubectl.run() ends a command that waits, such as for a login", async () => {
  const command = ["sh", "-c", "sleep 600"];
  const kubectl = new Kubectl({ command, context: undefined, namespace: undefined }, 100);
  const { message } = await assertRejects(
    () => within(kubectl.run(["get", "pods"]), "the command ends"),
    KubectlError,
  );
  assertEquals(message, "sh -c sleep 600 did not answer for 100 ms");
});
