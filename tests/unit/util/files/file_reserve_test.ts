import { FileReserve } from "../../../../lib/util/files/file_reserve.ts";
import { assertEquals } from "../../../support/assert.ts";

const openFiles = () => Array.from(Deno.readDirSync("/proc/self/fd")).length;

Deno.test({
  name: "FileReserve holds a number of open files until it is disposed of",
  ignore: Deno.build.os !== "linux",
  fn() {
    const before = openFiles();
    const reserve = new FileReserve(16);
    for (let i = 0; i < 2; i++) {
      reserve.fill();
      assertEquals(openFiles(), before + 16);
    }
    reserve[Symbol.dispose]();
    assertEquals(openFiles(), before);
  },
});
