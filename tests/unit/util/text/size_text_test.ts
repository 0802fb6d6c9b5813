import { sizeText } from "../../../../lib/util/text/size_text.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("sizeText() uses the unit that leaves few digits", () => {
  const sizes = [
    0,
    400,
    999_400,
    999_600,
    45_887_488,
    999_700_000,
    1_260_000_000,
    64e9,
    2.5e12,
    5e15,
  ];
  assertEquals(sizes.map(sizeText), [
    ...["0 kB", "0 kB", "999 kB", "1 MB", "46 MB"],
    ...["1.0 GB", "1.3 GB", "64 GB", "2.5 TB", "5000 TB"],
  ]);
});
