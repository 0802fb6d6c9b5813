import { stackText } from "../../../repl/stack.ts";
import { fromFileUrl } from "../../../lib/util/paths.ts";
import { assertEquals } from "../../support/assert.ts";

const LIBRARY = fromFileUrl(new URL("../../../", import.meta.url).href);

/** Returns a frame as V8 passes it. */
function frame(file: string | null | undefined, text = `${file}:1:2`) {
  return { getFileName: () => file, toString: () => text };
}

Deno.test("stackText() keeps the user's frames, and leaves those of the library out", () => {
  const frames = [
    frame(`${LIBRARY}lib/api/job.ts`, `job (${LIBRARY}lib/api/job.ts:1:2)`),
    frame("/a b/tiles.ts", "mean (/a b/tiles.ts:1:2)"),
    frame(`file://${LIBRARY}repl/save.ts`),
    frame("/a b/tiles.ts", "async /a b/tiles.ts:3:4"),
    frame(null, "Array.map (<anonymous>)"),
    frame("https://example.com/a.ts"),
    frame(`${LIBRARY}examples/a.ts`),
  ];
  assertEquals(stackText(new RangeError("far"), frames).split("\n"), [
    "RangeError: far",
    "    at mean (file:///a b/tiles.ts:1:2)",
    "    at async file:///a b/tiles.ts:3:4",
    "    at Array.map (<anonymous>)",
    "    at https://example.com/a.ts:1:2",
    `    at file://${LIBRARY}examples/a.ts:1:2`,
  ]);
});

Deno.test("stackText() leaves out the built-in functions that call the library", () => {
  const own = frame(`${LIBRARY}lib/tasks/read_once.ts`);
  const frames = [
    frame(null, "JSON.parse (<anonymous>)"),
    own,
    frame(null, "fromAsync.next (<anonymous>)"),
    own,
    frame(null, "joinReady.next (<anonymous>)"),
    frame(null, "#read.next (<anonymous>)"),
    frame(undefined, "<anonymous>:1:22"),
    frame(null, "Array.map (<anonymous>)"),
  ];
  assertEquals(stackText(new Error("again"), frames).split("\n"), [
    "Error: again",
    "    at JSON.parse (<anonymous>)",
    "    at <anonymous>:1:22",
    "    at Array.map (<anonymous>)",
  ]);
});

Deno.test("stackText() ends at the call of a task", () => {
  const frames = [
    frame("dl-jobs:user", "bad (dl-jobs:user:2:21)"),
    frame(`${LIBRARY}lib/worker/invoke.ts`, `dlJobsInvoke (${LIBRARY}lib/worker/invoke.ts:1:2)`),
    frame(null, "runBatch.next (<anonymous>)"),
  ];
  assertEquals(stackText(new Error("bad"), frames), "Error: bad\n    at bad (dl-jobs:user:2:21)");
});

Deno.test("stackText() accepts an error whose text fails", () => {
  assertEquals(stackText({ toString: 1, valueOf: 1 }, []), "Error");
});
