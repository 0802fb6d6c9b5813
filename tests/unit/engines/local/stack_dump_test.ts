import { StackDump } from "../../../../lib/engines/local/stack_dump.ts";
import { assertEquals } from "../../../support/assert.ts";

const DUMP = `before
Thread 0x00007f11 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007f22 (most recent call first):
  File "/home/me/tiles.py", line 3 in mean
  File "/<dl_jobs>/runner.py", line 9 in run
  File "/home/me/.dl_jobs/cache/41dc.py", line 56 in <module>
after
`;

Deno.test("StackDump takes tracebacks out of a text, in pieces of any size", () => {
  for (const size of [1, 7, 1000]) {
    const dump = new StackDump();
    let rest = "";
    for (let at = 0; at < DUMP.length; at += size) rest += dump.take(DUMP.slice(at, at + size));
    assertEquals([rest + dump.rest, dump.hasBegun, dump.text], [
      "before\nafter\n",
      true,
      "Traceback (most recent call first):\n" +
      '  File "/home/me/tiles.py", line 3 in mean\n' +
      '  File "/usr/lib/python3.11/threading.py", line 320 in wait',
    ]);
  }
});

Deno.test("StackDump has no text without the user's frames", () => {
  const dump = new StackDump();
  assertEquals([dump.take("a line\nhalf"), dump.rest, dump.hasBegun], ["a line\n", "half", false]);
  dump.take(
    '\nCurrent thread 0x1 (most recent call first):\n  File "/<dl_jobs>/x.py", line 1 in f\n',
  );
  assertEquals([dump.hasBegun, dump.text], [true, ""]);
});
