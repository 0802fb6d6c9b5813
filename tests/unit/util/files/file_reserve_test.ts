import { reserveFiles } from "../../../../lib/util/files/file_reserve.ts";
import { assertEquals } from "../../../support/assert.ts";

const openFiles = () => Array.from(Deno.readDirSync("/proc/self/fd")).length;

Deno.test({
  name: "reserveFiles() holds a number of open files until it is disposed of",
  ignore: Deno.build.os !== "linux",
  fn() {
    const before = openFiles();
    {
      using _room = reserveFiles(16);
      assertEquals(openFiles(), before + 16);
    }
    assertEquals(openFiles(), before);
  },
});
