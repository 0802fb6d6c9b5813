/**
 * `Timer`, and the texts of times and durations.
 *
 * @module
 */

import { Timer } from "../../../lib/compat/timer.ts";
import { formatDuration, formatTime, timestamp } from "../../../lib/util/time/duration.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertThrows,
} from "../../support/assert.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 11:20:05.678 in this machine's time zone. */
const NOON = new Date(2026, 10, 22, 11, 20, 5, 678).getTime();

/** A clock that a test moves. */
function fakeClock(time = NOON) {
  return { now: () => time, add: (ms: number) => void (time += ms) };
}

Deno.test("Timer start() and stop() return the time of their first call, at every call", () => {
  const clock = fakeClock();
  const timer = new Timer(clock.now);
  const texts = [timer.start()];
  clock.add(5 * SECOND);
  texts.push(timer.start());
  clock.add(2 * SECOND);
  texts.push(timer.stop());
  clock.add(2 * SECOND);
  texts.push(timer.stop(), timer.end(), timer.start(), timer.now());
  assertEquals(texts, [
    "Nov 22 2026 11:20:05",
    "Nov 22 2026 11:20:05",
    "Nov 22 2026 11:20:12",
    "Nov 22 2026 11:20:12",
    "Nov 22 2026 11:20:12",
    "Nov 22 2026 11:20:05",
    "Nov 22 2026 11:20:14",
  ]);
  assertEquals([timer.elapsed(), timer.duration()], [7_000, "0:00:07"]);
});

Deno.test("Timer end() stops the timer", () => {
  const clock = fakeClock();
  const timer = new Timer(clock.now);
  timer.start();
  clock.add(HOUR);
  assertEquals(timer.end(), "Nov 22 2026 12:20:05");
  clock.add(HOUR);
  assertEquals(timer.duration(), "1:00:00");
});

Deno.test("Timer duration() counts to now before stop()", () => {
  const clock = fakeClock();
  const timer = new Timer(clock.now);
  timer.start();
  const seen = [1, 59, 3_540].map((seconds) => {
    clock.add(seconds * SECOND);
    return timer.duration();
  });
  assertEquals(seen, ["0:00:01", "0:01:00", "1:00:00"]);
});

Deno.test("Timer duration() is written as Python writes a timedelta", async (t) => {
  const cases: [ms: number, text: string][] = [
    [0, "0:00:00"],
    [999, "0:00:00"],
    [1_999, "0:00:01"],
    [59_999, "0:00:59"],
    [MINUTE, "0:01:00"],
    [HOUR - 1, "0:59:59"],
    [10 * HOUR, "10:00:00"],
    [DAY - 1, "23:59:59"],
    [DAY, "1 day, 0:00:00"],
    [DAY + SECOND, "1 day, 0:00:01"],
    [2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND, "2 days, 3:04:05"],
    [100 * DAY, "100 days, 0:00:00"],
    [-5 * SECOND, "0:00:00"],
    [1_500.75, "0:00:01"],
  ];
  for (const [ms, text] of cases) {
    await t.step(`${ms} ms is ${text}`, () => {
      const clock = fakeClock();
      const timer = new Timer(clock.now);
      timer.start();
      clock.add(ms);
      assertEquals(timer.duration(), text);
    });
  }
});

Deno.test("Timer measures from a clock that starts at 0", () => {
  let time = 0;
  const timer = new Timer(() => time);
  timer.start();
  time = 2_000;
  timer.start();
  assertEquals(timer.elapsed(), 2_000);
});

Deno.test("Timer throws when a method needs start() first", async (t) => {
  const way = "the timer was not started, call start() first";
  const cases: [name: string, call: (timer: Timer) => unknown, message: string][] = [
    ["duration", (timer) => timer.duration(), `Cannot tell a duration: ${way}`],
    ["elapsed", (timer) => timer.elapsed(), `Cannot tell a duration: ${way}`],
    ["stop", (timer) => timer.stop(), `Cannot stop the timer: ${way}`],
    ["end", (timer) => timer.end(), `Cannot stop the timer: ${way}`],
  ];
  for (const [name, call, message] of cases) {
    await t.step(name, () => {
      assertEquals(assertThrows(() => call(new Timer()), Error).message, message);
    });
  }
});

Deno.test("Timer now() reads the machine's clock unless another one is given", () => {
  const before = Date.now();
  const text = new Timer().now();
  assertMatch(text, /^[A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d$/);
  const seen = new Date(text).getTime();
  assert(seen > before - SECOND && seen <= Date.now(), text);
});

Deno.test("formatTime() and timestamp() write local time with fixed months and zeros", async (t) => {
  const cases: [date: Date, time: string, stamp: string][] = [
    [new Date(2026, 10, 22, 11, 20, 5), "Nov 22 2026 11:20:05", "20261122T112005"],
    [new Date(2024, 1, 29, 0, 0, 0), "Feb 29 2024 00:00:00", "20240229T000000"],
    [new Date(2019, 11, 31, 23, 59, 59, 999), "Dec 31 2019 23:59:59", "20191231T235959"],
    [new Date(999, 0, 1, 1, 2, 3), "Jan 01 0999 01:02:03", "09990101T010203"],
  ];
  for (const [date, time, stamp] of cases) {
    await t.step(stamp, () => assertEquals([formatTime(date), timestamp(date)], [time, stamp]));
  }
});

Deno.test("formatTime() names all twelve months in English", () => {
  const months = Array.from({ length: 12 }, (_, i) => formatTime(new Date(2026, i, 1)).slice(0, 3));
  assertEquals(months.join(" "), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec");
});

Deno.test("timestamp() sorts by time", () => {
  const dates = [[2026, 9, 9, 9], [2026, 9, 10, 1], [2026, 10, 1, 1], [2027, 0, 1, 0]] as const;
  const stamps = dates.map(([year, month, day, hour]) =>
    timestamp(new Date(year, month, day, hour))
  );
  assertEquals(stamps.toReversed().sort(), stamps);
});

Deno.test("formatTime() and timestamp() refuse an invalid date", async (t) => {
  for (const write of [formatTime, timestamp]) {
    await t.step(write.name, () => {
      const error = assertThrows(() => write(new Date(NaN)), RangeError);
      assertInstanceOf(error, RangeError);
      assertEquals(
        error.message,
        "Cannot write a time: the date is invalid, check where it comes from",
      );
    });
  }
});

Deno.test("formatDuration() keeps the two units that matter", async (t) => {
  const cases: [ms: number, text: string][] = [
    [0, "0 ms"],
    [0.9, "0 ms"],
    [340, "340 ms"],
    [999.9, "999 ms"],
    [1_000, "1.0 s"],
    [12_345, "12.3 s"],
    [59_999, "59.9 s"],
    [60_000, "1 min 00 s"],
    [245_000, "4 min 05 s"],
    [HOUR - 1, "59 min 59 s"],
    [HOUR, "1 h 00 min"],
    [2 * HOUR + 3 * MINUTE + 59 * SECOND, "2 h 03 min"],
    [30 * HOUR, "30 h 00 min"],
    [2 * DAY - 1, "47 h 59 min"],
    [2 * DAY, "2 d 00 h"],
    [330 * DAY + 21 * HOUR, "330 d 21 h"],
    [-1, "0 ms"],
  ];
  for (const [ms, text] of cases) {
    await t.step(`${ms} is ${text}`, () => assertEquals(formatDuration(ms), text));
  }
});

Deno.test("formatDuration() refuses a value that is not a duration", async (t) => {
  for (const ms of [NaN, Infinity, -Infinity]) {
    await t.step(String(ms), () => {
      const { message } = assertThrows(() => formatDuration(ms), RangeError);
      assertEquals(message, `Cannot write the duration ${ms}: pass finite milliseconds`);
    });
  }
});
