import { TracebackFile, userTraceback } from "../../../../lib/engines/local/traceback_file.ts";
import { assertEquals } from "../../../support/assert.ts";

const DUMP = `Thread 0x00007f11 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007f22 (most recent call first):
  File "/home/me/tiles.py", line 3 in mean
  File "/<dl_jobs>/runner.py", line 9 in run
  File "/home/me/.dl_jobs/cache/41dc.py", line 56 in <module>
`;
const USERS = `Traceback (most recent call first):
  File "/home/me/tiles.py", line 3 in mean
  File "/usr/lib/python3.11/threading.py", line 320 in wait`;

Deno.test("TracebackFile reads each traceback to its end", async () => {
  const folder = await Deno.makeTempDir();
  using file = new TracebackFile(`${folder}/s`);
  using worker = await Deno.open(`${folder}/tracebacks`, { append: true });
  await Deno.remove(folder, { recursive: true });
  const pieces = new TextEncoder().encode(DUMP);
  const write = () => {
    for (let at = 0; at < pieces.length; at += 9) worker.writeSync(pieces.subarray(at, at + 9));
  };
  assertEquals(await file.read(write, 60_000), USERS);
  assertEquals(await file.read(() => setTimeout(write, 10), 60_000), USERS);
  assertEquals(await file.read(() => {}, 10), "");
  const closed = file.read(() => {}, 60_000);
  file[Symbol.dispose]();
  assertEquals(await closed, "");
});

Deno.test("userTraceback() returns nothing without the user's frames", () => {
  const own =
    'Current thread 0x1 (most recent call first):\n  File "/<dl_jobs>/x.py", line 1 in f\n';
  assertEquals([userTraceback(own), userTraceback("")], ["", ""]);
});
