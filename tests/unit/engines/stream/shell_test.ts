import { startConnector, wordsIn } from "../../../../lib/engines/stream/shell.ts";
import { within } from "../../../../tools/support/until.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("startConnector() sees the end of a program whose stderr stays open", async () => {
  // As ssh with ControlPersist, which leaves a process in the background.
  const script = "sleep 60 >/dev/null & echo connection lost >&2; exit 7";
  const { child, ended } = startConnector("sh", ["-c", script], { goal: "", advice: "" });
  try {
    assertEquals(await within(ended, "the end", 20_000), { code: 7, words: "connection lost" });
  } finally {
    Deno.kill(-child.pid, "SIGKILL");
    await Promise.all([child.stdin.close(), child.stdout.cancel()]);
  }
});

Deno.test("wordsIn() returns the lines that tell something, as one line", () => {
  const log = 'E1127 14:43:37.292221   18102 memcache.go:265] "Unhandled Error" err="refused"';
  const cases: Record<string, string> = {
    "": "",
    "@@@@\r\n** Message of the day\r\nPermission denied\n": "Permission denied",
    [`${log}\n${log}\nThe connection to the server was refused\n`]:
      "The connection to the server was refused",
    [`${log}\n`]: log,
  };
  for (const [text, expected] of Object.entries(cases)) assertEquals(wordsIn(text), expected);
});
