import { assertEquals } from "../../support/assert.ts";
import { watchUncaught } from "../../../lib/worker/uncaught.ts";

Deno.test("watchUncaught() reports nothing after its end to code that keeps addEventListener", () => {
  const reports: string[] = [];
  const watch = watchUncaught({
    onUncaught: (label) => reports.push(label) > 0,
    onHandled: () => void reports.push("handled"),
  });
  const kept = globalThis.addEventListener;
  watch[Symbol.dispose]();
  const listener = (event: Event) => event.preventDefault();
  kept("error", listener);
  try {
    globalThis.dispatchEvent(
      new ErrorEvent("error", { cancelable: true, error: new Error("own") }),
    );
  } finally {
    globalThis.removeEventListener("error", listener);
  }
  assertEquals(reports, []);
});
