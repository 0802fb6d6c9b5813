import { fileStem, newJobId, shortName } from "../../../../lib/job/files/job_name.ts";
import { assertEquals, assertMatch } from "../../../support/assert.ts";

Deno.test("newJobId() is the time in UTC, in any zone", () => {
  const id = newJobId(new Date("2026-11-26T02:50:58.007Z"));
  assertMatch(id, /^20261126T025058-007[0-9a-f]{3}$/);
});

Deno.test("newJobId() sorts after the newest job, however the clock was set", async (t) => {
  const now = new Date("2026-11-26T02:50:58.007Z");
  const cases: [others: string[], start: string][] = [
    [[], "20261126T025058-007"],
    [["20261126T025058-006fff"], "20261126T025058-007"],
    [["20261126T025058-007000"], "20261126T025058-008"],
    [["20261126T115058-999abc"], "20261126T115059-000"],
    [["20261231T235959-999abc"], "20270101T000000-000"],
    [["20280228T235959-999abc"], "20280229T000000-000"],
    [["20261127T000000-000abc", "99999999T999999-999abc", "work"], "20261127T000000-001"],
    [["work"], "20261126T025058-007"],
  ];
  for (const [others, start] of cases) {
    await t.step(others.join(), () => assertEquals(newJobId(now, others).slice(0, -3), start));
  }
});

Deno.test("newJobId() keeps the order of creation while the clock jumps back and forth", () => {
  const ids: string[] = [];
  for (let i = 0; i < 100; i++) ids.push(newJobId(new Date(1e12 + (i * 7919 % 100)), ids));
  assertEquals(ids, ids.toSorted());
});

Deno.test("fileStem() fits in the name of a file, and ends with a whole character", async (t) => {
  const cases: [name: string, stem: string][] = [
    ["n".repeat(300), "n".repeat(180)],
    ["瓦".repeat(100), "瓦".repeat(60)],
    [`n${"👍".repeat(100)}`, `n${"👍".repeat(44)}`],
    ["ünï.task", "ünï.task"],
  ];
  for (const [name, stem] of cases) {
    await t.step(name, () => assertEquals(fileStem(name), stem));
  }
});

Deno.test("shortName() has the characters of the file's name", async (t) => {
  const cases: [module: string, name: string][] = [
    ["file:///a/%C3%BCn%C3%AF%20tiles.ts#mean", "ünï tiles.mean"],
    ["file:///%C3%A4/100%25.py", "100%"],
    ["file:///a/b%23c.ts", "b#c"],
    ["./a/50%25.ts", "50%25"],
  ];
  for (const [module, name] of cases) {
    await t.step(module, () => assertEquals(shortName(module), name));
  }
});
