import { assertEquals } from "../../support/assert.ts";
import { inOwnSession } from "../../../lib/util/own_session.ts";

Deno.test("inOwnSession() starts a program that leads a session and a process group", async () => {
  const script = "read -r stat < /proc/$$/stat; echo $$ $stat";
  const { executable, ...how } = inOwnSession("/bin/sh", ["-c", script]);
  const child = new Deno.Command(executable, { ...how, stdout: "piped" }).spawn();
  const { stdout } = await child.output();
  const [own, pid, , , , group, session] = new TextDecoder().decode(stdout).split(" ").map(Number);
  assertEquals([own, pid, group, session], Array(4).fill(child.pid));
});

Deno.test("inOwnSession() leaves a program on the PATH to Deno, which reports a missing one", () => {
  assertEquals(inOwnSession("sh", ["-c", "true"]), {
    executable: "sh",
    args: ["-c", "true"],
    detached: true,
  });
});
