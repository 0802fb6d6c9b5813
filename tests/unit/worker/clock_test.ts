import { createClock } from "../../../lib/worker/clock.ts";
import { assertEquals } from "../../support/assert.ts";

/** A machine whose clock can be set. */
class Machine {
  #date = 1_800_000_000_000;
  #monotonic = 5.5;
  readonly clock = createClock(() => this.#date, () => this.#monotonic);

  /** Waits, and then sets the clock. */
  after(ms: number, step = 0): number {
    const before = this.clock();
    this.#monotonic += ms;
    this.#date += ms + step;
    return this.clock() - before;
  }
}

Deno.test("clockMs() measures the same time when the clock of the machine is set", () => {
  const machine = new Machine(), day = 86_400_000;
  const cases: [ms: number, step: number][] = [
    [300, 0],
    [300, -day],
    [300, 0],
    [5000, 0],
    [300, 2 * day],
    [0, -day],
    [7, 0],
    [3 * day, 0],
    [400, -500],
  ];
  for (const [ms, step] of cases) assertEquals(machine.after(ms, step), ms, `${ms}, ${step}`);
});

Deno.test("clockMs() never goes back", () => {
  const machine = new Machine();
  // A small step forward looks like time that passed, until a larger one corrects it.
  assertEquals(machine.after(10, 400), 410);
  assertEquals(machine.after(10, -400), 0);
  assertEquals(machine.after(500), 110);
});
