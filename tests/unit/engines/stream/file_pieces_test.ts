import { filePieces, writePiece } from "../../../../lib/engines/stream/file_pieces.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("a script that may run here may run on the other side", async () => {
  await using folder = await makeFolder({ "run.sh": "#!/bin/sh\n", "a.txt": "a" });
  Deno.chmodSync(`${folder.path}/run.sh`, 0o755);
  for (const [file, mode] of [["run.sh", 0o700], ["a.txt", 0o600]] as const) {
    for (const [head, payload] of filePieces(`${folder.path}/${file}`, `to/${file}`)) {
      writePiece(folder.path, JSON.parse(JSON.stringify(head)), payload);
    }
    assertEquals((Deno.statSync(`${folder.path}/to/${file}`).mode ?? 0) & 0o777, mode);
  }
});
