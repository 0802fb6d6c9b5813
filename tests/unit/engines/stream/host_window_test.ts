import { HostWindow } from "../../../../lib/engines/stream/host_window.ts";
import { assertEquals } from "../../../support/assert.ts";

/** Returns a window on a clock that the returned function moves while tasks end. */
function makeWindow(places: number) {
  let now = 0;
  const window = new HostWindow(() => false, () => now);
  window.begin(places);
  return { window, run: (ms: number, tasks: number) => (now += ms, window.answered(tasks)) };
}

Deno.test("HostWindow holds the tasks of two seconds, and grows step by step", () => {
  const { window, run } = makeWindow(2), sizes = [window.size];
  for (let i = 0; i < 4; i++) sizes.push((run(100, 100), window.size));
  assertEquals(sizes, [2, 16, 128, 1024, 2000]);
});

Deno.test("HostWindow is never smaller than the host, and limits the bytes", () => {
  const { window, run } = makeWindow(4);
  run(60_000, 1);
  assertEquals([window.size, window.refillAt], [4, 3]);
  for (let i = 0; i < 8; i++) run(100, 100_000);
  assertEquals(window.size, 400_000);
  window.sent(2, 2 * 1024 * 1024);
  assertEquals([window.size, window.refillAt], [64, 48]);
});
