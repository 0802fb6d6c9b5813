import type { LogLine } from "../../../lib/journal/format.ts";
import { LogJoiner } from "../../../lib/journal/log_joiner.ts";
import { assertEquals } from "../../support/assert.ts";

function piece(id: number, text: string, stream: LogLine["stream"] = "stdout"): LogLine {
  return { id, attempt: 1, stream, text };
}

/** Adds pieces, and returns the texts of each step, with their ids. */
function join(joiner: LogJoiner, ...pieces: readonly LogLine[]): string[][] {
  return pieces.map((one) => joiner.add(one).map(({ id, text }) => `${id}: ${text}`));
}

Deno.test("LogJoiner joins the pieces of a line, of each task and stream for itself", () => {
  const joiner = new LogJoiner();
  assertEquals(
    join(
      joiner,
      piece(0, "line "),
      piece(1, "other\n"),
      piece(0, "warning\n", "stderr"),
      piece(0, "1\nline 2\nline "),
      piece(0, "tile read", "log"),
      piece(0, "3"),
    ),
    [[], ["1: other\n"], ["0: warning\n"], ["0: line 1\nline 2\n"], ["0: tile read"], []],
  );
  assertEquals(joiner.takeRest().map(({ text }) => text), ["line 3"]);
  assertEquals(joiner.takeRest(), []);
});

Deno.test("LogJoiner gives a line the time of its first piece", () => {
  const joiner = new LogJoiner();
  const pieces = [[1, "a"], [2, "b\nc"], [3, "d\n"]] as const;
  const times = pieces.flatMap(([time, text]) => joiner.add({ ...piece(0, text), time }));
  assertEquals(times.map(({ time, text }) => [time, text]), [[1, "ab\n"], [2, "cd\n"]]);
});

Deno.test("LogJoiner keeps little of lines that do not end", () => {
  const joiner = new LogJoiner(), long = "x".repeat(70_000);
  assertEquals(join(joiner, piece(0, long)), [[`0: ${long}`]]);
  const many = join(joiner, ...Array.from({ length: 1001 }, (_, id) => piece(id, "y")));
  assertEquals(many.map(({ length }) => length).filter((length) => length > 0), [1001]);
});
