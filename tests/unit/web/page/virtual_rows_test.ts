import { rowWindow } from "../../../../lib/web/page/virtual_rows.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("rowWindow() reaches every row of ten million", () => {
  const rows = 10_000_000, viewHeight = 500;
  const at = (scrollTop: number) => rowWindow({ rows, scrollTop, viewHeight });
  const { height, first } = at(0);
  assertEquals([height, first], [16_000_000, 0]);
  const end = at(height);
  assertEquals(end.first + end.count, rows);
  assertEquals(Math.round(end.topOf(rows - 1) + 32), height);
  for (const row of [0, 1, 4_999_999, rows - 1]) {
    const found = at(at(0).scrollTo(row));
    assertEquals(found.first <= row && row < found.first + found.count, true);
  }
});

Deno.test("rowWindow() moves only as far as a row needs", () => {
  const { scrollTo } = rowWindow({ rows: 100, scrollTop: 320, viewHeight: 320 });
  assertEquals([9, 10, 19, 20].map(scrollTo), [288, 320, 320, 352]);
});

Deno.test("rowWindow() shows a short list as it is", () => {
  const { height, first, count } = rowWindow({ rows: 3, scrollTop: 999, viewHeight: 320 });
  assertEquals({ height, first, count }, { height: 96, first: 0, count: 3 });
});
