import { SshPlace } from "../../../../lib/engines/ssh/ssh_place.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

const FAR = { folder: "~/x", version: "1", program: "p", code: "", advice: "set another folder" };

Deno.test("SshPlace tells who ended a connection, and how to check it", async (t) => {
  const cases: Readonly<Record<string, string>> = {
    "exit 4": "its shell or its setup ended with exit status 4",
    "echo not available; exit 1": "not available",
    "echo no route >&2; exit 255": "no route, check that it works by hand: sh -c 'echo no route " +
      ">&2; exit 255' ann@h1",
    "exit 255":
      "sh ended with exit status 255, check that it works by hand: sh -c 'exit 255' ann@h1",
  };
  for (const [script, words] of Object.entries(cases)) {
    await t.step(script, async () => {
      const place = new SshPlace({ name: "h1", target: "ann@h1" }, FAR, ["sh", "-c", script]);
      const connect = () => place.connect(new AbortController().signal);
      const { message } = await assertRejects(connect, Error);
      assertEquals(message, words);
    });
  }
});

Deno.test("SshPlace has the way out of a full disk", () => {
  const place = new SshPlace({ name: "h1", target: "h1" }, FAR, ["ssh"]);
  assertEquals(place.advice, "set another folder");
});
