import { assertEquals } from "../../../support/assert.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { inOwnSession } from "../../../../lib/util/process/own_session.ts";

Deno.test("inOwnSession() starts a program that leads a session and a process group", async () => {
  const script = "read -r stat < /proc/$$/stat; echo $$ $stat";
  const { executable, ...how } = inOwnSession("/bin/sh", ["-c", script]);
  const child = new Deno.Command(executable, { ...how, stdout: "piped" }).spawn();
  const { stdout } = await child.output();
  const [own, pid, , , , group, session] = new TextDecoder().decode(stdout).split(" ").map(Number);
  assertEquals([own, pid, group, session], Array(4).fill(child.pid));
});

Deno.test("inOwnSession() lets Deno report what is not a program", async () => {
  await using folder = await makeFolder({ "no_program": "" });
  for (const path of ["sh", `${folder.path}/none`, `${folder.path}/no_program`, folder.path]) {
    assertEquals(inOwnSession(path, ["-c"]), { executable: path, args: ["-c"], detached: true });
  }
});
