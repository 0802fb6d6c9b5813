const __dl_jobs_main = import.meta.main;
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// home/user/task.js
var task;
var init_task = __esm({
  "home/user/task.js"() {
    task = (x) => {
      if (x === 7) throw new RangeError("no seven");
      return x * 2;
    };
  }
});

// dl-jobs:user
var user_exports = {};
__export(user_exports, {
  default: () => user_default
});
var user_default;
var init_user = __esm({
  "dl-jobs:user"() {
    init_task();
    user_default = task;
  }
});

// dl_jobs/lib/journal/task_error.ts
var __dl_jobs_meta = { "url": "file:///dl_jobs/lib/journal/task_error.ts", "filename": "/dl_jobs/lib/journal/task_error.ts", "dirname": "/dl_jobs/lib/journal", "main": false, resolve: (name) => new URL(name, "file:///dl_jobs/lib/journal/task_error.ts").href };
function isReturnedError(value) {
  if (typeof value === "string") return value.startsWith("ERROR");
  return typeof value === "object" && value !== null && "ERROR" in value && Boolean(value.ERROR);
}
function returnedError(value) {
  if (typeof value === "string") {
    return { message: value, type: "ERROR", class: "error", value };
  }
  const { ERROR, type, stack } = value;
  return {
    message: describe(ERROR),
    type: typeof type === "string" ? type : "ERROR",
    class: "error",
    stack: ownFrames(stack),
    // A value that JSON cannot represent would prevent the whole line from being written, including
    // the message.
    value: isJson(value) ? value : void 0
  };
}
function toTaskError(thrown, kind = "error") {
  if (!(thrown instanceof Error)) {
    return { message: describe(thrown), type: typeof thrown, class: kind };
  }
  return {
    message: describe(thrown),
    type: nameOf(thrown),
    class: kind,
    stack: userStack(thrown)
  };
}
function describe(thrown) {
  if (thrown instanceof Error) {
    const message = String(thrown.message);
    return message.trim() === "" ? nameOf(thrown) : message;
  }
  if (typeof thrown === "string" && thrown !== "") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Deno.inspect(thrown);
  }
}
function nameOf(error) {
  return String(error.name || "Error");
}
function isJson(value) {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
function userStack(error, depth = 0) {
  const frames = ownFrames(error.stack);
  if (error.cause === void 0 || depth > 4) return frames;
  const cause = error.cause instanceof Error ? userStack(error.cause, depth + 1) : void 0;
  return `${frames ?? headline(error)}
Caused by ${cause ?? headline(error.cause)}`;
}
function headline(thrown) {
  return thrown instanceof Error ? `${nameOf(thrown)}: ${describe(thrown)}` : describe(thrown);
}
function ownFrames(stack) {
  if (typeof stack !== "string") return void 0;
  const lines = stack.split("\n");
  const ours = lines.findIndex((line) => line.includes("dlJobsInvoke"));
  const own = lines.slice(0, ours < 0 ? void 0 : ours).filter((line) => !isOurs(line));
  return own.some(isFrame) ? own.map(withoutModule).join("\n") : void 0;
}
function withoutModule(line) {
  return line.replace(/^( {4}at )[^(]*\/[^(]*\((.*)\)$/, "$1$2");
}
function isFrame(line) {
  return line.startsWith("    at ");
}
function isOurs(line) {
  return isFrame(line) && (BETWEEN.test(line) || OURS.some((address) => line.includes(address)));
}
var HERE = new URL("../", __dl_jobs_meta.url).href;
var OURS = [HERE, decodeURIComponent(HERE)];
var BETWEEN = /^ {4}at (?:async )?(?:__init \(|dl-jobs:user \(|dl-jobs:entry)/;

// dl_jobs/lib/util/bytes.ts
var ZERO = 48;
var MINUS = 45;
var SHORT = 64;
var MAX_WHOLE = 1e15;
var HALF = 1e9;
var HALF_DIGITS = 9;
var ByteWriter = class {
  #bytes;
  #encoder = new TextEncoder();
  /** The number of bytes written so far. */
  length = 0;
  /**
   * Creates an empty buffer.
   *
   * @param size the capacity at the start, in bytes
   */
  constructor(size) {
    this.#bytes = new Uint8Array(size);
  }
  /** The bytes written so far, valid until the next change. */
  get bytes() {
    return this.#bytes.subarray(0, this.length);
  }
  /** Adds one byte. */
  byte(value) {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }
  /** Adds bytes. */
  append(bytes) {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
  /** Adds a text as UTF-8. */
  text(text) {
    this.#reserve(3 * text.length);
    if (text.length > SHORT) return this.#encode(text);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return this.#encode(text);
      bytes[at++] = code;
    }
    this.length = at;
  }
  /** Adds a number as JSON text. */
  number(value) {
    const whole = Math.abs(value);
    if (!(whole < MAX_WHOLE) || Math.floor(whole) !== whole) return this.text(numberText(value));
    if (value < 0) this.byte(MINUS);
    this.#reserve(2 * HALF_DIGITS);
    if (whole < HALF) return this.#digits(whole | 0, countDigits(whole | 0));
    const high = Math.floor(whole / HALF);
    this.#digits(high | 0, countDigits(high | 0));
    this.#digits(whole - high * HALF | 0, HALF_DIGITS);
  }
  /** Removes all bytes, and keeps the memory. */
  clear() {
    this.length = 0;
  }
  #encode(text) {
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(this.length));
    this.length += written;
  }
  #digits(value, count) {
    const bytes = this.#bytes;
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = rest / 10 | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += count;
  }
  #reserve(size) {
    if (this.length + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + size, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
};
function countDigits(value) {
  let count = 1;
  for (let power = 10; power <= value; power *= 10) count++;
  return count;
}
function numberText(value) {
  return Number.isFinite(value) ? String(value) : "null";
}
function concatBytes(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// dl_jobs/lib/util/remote.ts
function isRemote(address = "") {
  return /^https?:/.test(address);
}
function shortenCauses(text) {
  return text.split("\n")[0].replace(/^error sending request for url .*?\): (client error \(Connect\): )?/, "").replace(/^(tcp connect|dns) error: /, "").replace(/^(\d{3}) .*/, "the server answered $1").replace(/ \(os error \d+\)$/, "");
}

// dl_jobs/lib/ndjson/blocks.ts
var NEWLINE = 10;
var CHUNK_SIZE = 64 * 1024;
var CHUNKS_A_TURN = 16;
async function* readBlocks(source, { torn = "keep" } = {}) {
  let parts = [];
  for await (const chunk of await openSource(source)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      parts.push(chunk.slice());
      continue;
    }
    const last = chunk.subarray(0, end);
    yield parts.length > 0 ? concatBytes([...parts, last]) : last.slice();
    parts = end < chunk.length ? [chunk.slice(end)] : [];
  }
  if (parts.length > 0 && torn === "keep") yield concatBytes([...parts, Uint8Array.of(NEWLINE)]);
}
function nameOf2(source) {
  if (source === "-") return "stdin";
  return typeof source === "string" || source instanceof URL ? String(source) : "input";
}
async function openSource(source) {
  if (source instanceof ReadableStream) return checkBytes(source);
  if (source === "-") return readChunks(Deno.stdin);
  if (typeof source === "object" && "read" in source) return readChunks(source);
  if (isRemote(String(source))) return await openUrl(source);
  return openFile(toPath(source));
}
async function* checkBytes(stream) {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
    else {
      throw new TypeError(
        `Cannot read ${nameOf2(stream)}: its chunks are not bytes, pipe it through a TextEncoderStream, or pass the values themselves`
      );
    }
  }
}
function toPath(path) {
  return typeof path === "string" && path.startsWith("file:") ? new URL(path) : path;
}
function openFile(path) {
  const file = openThere(path);
  const { isFile, isDirectory } = file.statSync();
  if (isFile) return readFile(file);
  if (!isDirectory) return file.readable;
  file.close();
  throw new TypeError(`Cannot read ${path}: it is a folder, use an ndjson file`);
}
async function* readFile(file) {
  using _ = file;
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let count = 0; ; count++) {
    const size = count % CHUNKS_A_TURN === 0 ? await file.read(chunk) : file.readSync(chunk);
    if (size === null) return;
    yield chunk.subarray(0, size);
  }
}
async function* readChunks(source) {
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let size = await source.read(chunk); size !== null; size = await source.read(chunk)) {
    yield chunk.subarray(0, size);
  }
}
function openThere(path) {
  try {
    return Deno.openSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const where = path instanceof URL ? "" : ` (relative paths start at ${Deno.cwd()})`;
    throw new Deno.errors.NotFound(`Cannot read ${path}: no such file${where}`, { cause });
  }
}
async function openUrl(url) {
  const response = await fetch(url).catch((cause) => {
    throw new Error(`Cannot read ${url}: ${shortenCauses((cause.cause ?? cause).message)}`, {
      cause
    });
  });
  if (response.ok) return response.body ?? new Blob([]).stream();
  await response.body?.cancel();
  throw new Error(`Cannot read ${url}: the server answered ${response.status}, check the address`);
}

// dl_jobs/lib/tasks/batch.ts
var HEAD_MARK = "";
function argsText(args) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(args);
}

// dl_jobs/lib/compat/decorators.ts
var JSON_TEXT = /* @__PURE__ */ Symbol.for("dl_jobs.json_text");

// dl_jobs/lib/ndjson/stringify.ts
function stringify(value, name = "value") {
  if (typeof value === "number") return numberText(value);
  let text;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unserializable(value, nameText(name)) ?? cause;
  }
  if (text === void 0 || typeof value === "object" && value !== null && hasHole(value)) {
    throw unserializable(value, nameText(name)) ?? new TypeError(`Cannot write ${nameText(name)}: it has no JSON form`);
  }
  return text;
}
function nameText(name) {
  return typeof name === "string" ? name : name();
}
var NO_DATA = [
  [Map, "JSON has no Map, use Object.fromEntries(map)"],
  [Set, "JSON has no Set, use [...set]"],
  [Promise, "JSON has no Promise, await it"],
  [Error, "JSON has no Error, use its message"],
  [Iterator, "JSON has no iterator, use [...iterator]"]
];
function hasHole(value) {
  if (hasToJson(value)) return false;
  if (Array.isArray(value)) {
    for (let i = typeof value.at(0) === "number" ? countNumbers(value) : 0; i < value.length; i++) {
      if (isHole(value.at(i))) return true;
    }
    return false;
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && noData(value)) return true;
  for (const key in value) {
    const isOwn = isPlain || Object.hasOwn(value, key);
    if (isOwn && isHole(value[key])) return true;
  }
  return false;
}
function countNumbers(list) {
  let count = 0;
  while (count < list.length && typeof list[count] === "number") count++;
  return count;
}
function isHole(value) {
  if (typeof value === "number" || typeof value === "string") return false;
  if (typeof value === "object") return value !== null && hasHole(value);
  return typeof value !== "boolean" && typeof value !== "bigint";
}
function hasToJson(value) {
  return typeof value.toJSON === "function";
}
function noData(value) {
  return NO_DATA.find(([kind]) => value instanceof kind)?.[1];
}
function unserializable(value, path, above = []) {
  if (typeof value === "object" && value !== null && hasToJson(value)) return void 0;
  const reason = refused(value, above);
  if (reason) return new TypeError(`Cannot write ${path}: ${reason}`);
  if (typeof value !== "object" || value === null) return void 0;
  for (const [key, inner] of Object.entries(Array.isArray(value) ? [...value] : value)) {
    const error = unserializable(inner, path + step(value, key), [...above, value]);
    if (error) return error;
  }
  return void 0;
}
function refused(value, above) {
  switch (typeof value) {
    case "bigint":
      return "JSON has no BigInt, use a string or a number";
    case "undefined":
      return "JSON has no undefined, use null or leave it out";
    case "function":
      return "JSON has no functions, use its return value";
    case "symbol":
      return "JSON has no symbols, use a string";
    case "object":
      if (value === null) return void 0;
      if (above.includes(value)) return "it contains itself, use a copy without the cycle";
      return noData(value);
    default:
      return void 0;
  }
}
function step(value, key) {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

// dl_jobs/lib/worker/invoke.ts
function resultText(value) {
  return value === void 0 ? "null" : stringify(value, "result");
}
function returnedValue(value, fn) {
  if (typeof value !== "string" || !(JSON_TEXT in fn)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
function dlJobsInvoke(fn, args) {
  return fn(args);
}

// dl_jobs/lib/journal/format.ts
var NONE = new Uint8Array(0);
function successLine(id, attempt, ms, result) {
  return `${successHead(id, attempt, ms)}${result}}`;
}
function successHead(id, attempt, ms) {
  const tried = attempt > 1 ? `,"attempt":${attempt}` : "";
  const took = ms >= 0.1 ? `,"ms":${Math.round(ms * 10) / 10}` : "";
  return `{"id":${id}${tried}${took},"result":`;
}
function eventLine(event) {
  const { id, attempt, type, ms, error } = event;
  return JSON.stringify({ id, attempt, type, ms, error });
}
function blockHead({ id, count, bytes, ms = 0 }) {
  return `{"id":${id},"count":${count},"bytes":${bytes}${ms > 0 ? `,"ms":${ms}` : ""}}
`;
}

// dl_jobs/lib/worker/protocol.ts
var RS = 30;

// dl_jobs/lib/worker/stdio.ts
var exit = Deno.exit;
var writeRawStdout = Deno.stdout.writeSync.bind(Deno.stdout);
var writeRawStderr = Deno.stderr.writeSync.bind(Deno.stderr);
var stdin = { read: Deno.stdin.read.bind(Deno.stdin) };
function emptyStdin() {
  const empty = Deno.stdin;
  empty.read = () => Promise.resolve(null);
  empty.readSync = () => null;
  empty.close = () => {
  };
  Object.defineProperty(empty, "readable", { get: () => new Blob([]).stream() });
}
function captureStdio(listener) {
  const out = (text) => listener.onText("stdout", text);
  const err = (text) => listener.onText("stderr", text);
  captureConsole(out, err);
  captureDeno(Deno.stdout, out);
  captureDeno(Deno.stderr, err);
  captureProcess(out, err);
  captureExit(listener);
  captureUncaught(err);
}
function captureConsole(out, err) {
  const target = console;
  let real;
  for (const name of Object.keys(target)) {
    if (typeof target[name] !== "function" || name === "Console") continue;
    target[name] = (...args) => (real ??= newConsole(out, err))[name]?.(...args);
  }
}
function newConsole(out, err) {
  const { Console } = nodeModule("node:console");
  const stream = (write) => ({
    write,
    on() {
    },
    once() {
    },
    removeListener() {
    },
    listenerCount: () => 0
  });
  return new Console({ stdout: stream(out), stderr: stream(err) });
}
function captureDeno(target, write) {
  const decoder = new TextDecoder();
  target.writeSync = (bytes) => {
    write(decoder.decode(bytes));
    return bytes.length;
  };
  target.write = (bytes) => Promise.resolve(target.writeSync(bytes));
  target.close = () => {
  };
  let stream;
  Object.defineProperty(target, "writable", {
    get: () => stream ??= new WritableStream({ write: (bytes) => void target.writeSync(bytes) })
  });
}
function captureProcess(out, err) {
  const original = Object.getOwnPropertyDescriptor(globalThis, "process");
  if (!original?.get) return;
  Object.defineProperty(globalThis, "process", {
    ...original,
    get() {
      Object.defineProperty(globalThis, "process", original);
      const process = original.get.call(globalThis);
      captureStream(process, "stdout", out);
      captureStream(process, "stderr", err);
      return process;
    }
  });
}
function captureStream(process, name, write) {
  const get = Object.getOwnPropertyDescriptor(process, name)?.get;
  if (!get) return;
  Object.defineProperty(process, name, {
    configurable: true,
    get() {
      const stream = get.call(process);
      stream.write = writeLike(write);
      Object.defineProperty(process, name, { value: stream, configurable: true });
      return stream;
    }
  });
}
function writeLike(write) {
  return (chunk, ...rest) => {
    write(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
    const done = rest.findLast((one) => typeof one === "function");
    if (done) queueMicrotask(done);
    return true;
  };
}
function captureExit({ onExit }) {
  Deno.exit = (code) => {
    onExit(`the task called exit(${code ?? 0})`);
    return exit(code);
  };
}
function captureUncaught(err) {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    err(`Unhandled rejection: ${toTaskError(event.reason).stack ?? event.reason}
`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    err(`Uncaught: ${toTaskError(event.error).stack ?? event.message}
`);
  });
}
function nodeModule(name) {
  const { process } = globalThis;
  return process.getBuiltinModule(name);
}

// dl_jobs/lib/worker/response_writer.ts
var END = "\n";
var NEWLINE2 = 10;
var BLOCK_SIZE = 48 * 1024;
var ResponseWriter = class {
  /**
   * Creates a writer to the process's real stdout.
   *
   * @param flushMs the longest delay before a response is written, in milliseconds
   * @param isFramed false to write lines without blocks, for a user
   */
  constructor(flushMs, isFramed) {
    this.flushMs = flushMs;
    this.isFramed = isFramed;
  }
  flushMs;
  isFramed;
  /** The results of consecutive tasks, the first and the next id, and the total time in ms. */
  #results = new ByteWriter(2 * BLOCK_SIZE);
  #first = 0;
  #next = 0;
  #ms = 0;
  /** The lines that precede these results, and the blocks that precede the lines. */
  #lines = new ByteWriter(BLOCK_SIZE);
  #blocks = new ByteWriter(2 * BLOCK_SIZE);
  #flushed = Date.now();
  #timer;
  /**
   * Adds the result of a task that returned a number at its first attempt.
   *
   * @param ms the run time of the task, in milliseconds
   * @param now the time at its end, in milliseconds since 1970
   * @param isShared true when `ms` may include the time of tasks before this task
   * @returns the time after writing, in milliseconds since 1970
   */
  addNumber(id, value, ms, now, isShared) {
    this.#begin(id, ms > 1 && !isShared);
    this.#results.number(value);
    return this.#end(id, ms, now);
  }
  /**
   * Adds the result of a task that succeeded at its first attempt.
   *
   * @param result the JSON text
   * @param ms the run time of the task, in milliseconds
   * @param now the time at its end, in milliseconds since 1970
   * @returns the time after writing, in milliseconds since 1970
   */
  addResult(id, result, ms, now) {
    this.#begin(id, ms > 1);
    this.#results.text(result);
    return this.#end(id, ms, now);
  }
  /**
   * Adds any other line, such as a failure or a log line.
   *
   * @returns the time after writing, in milliseconds since 1970
   */
  addLine(line, now = Date.now()) {
    this.#endResults();
    this.#lines.text(line);
    this.#lines.byte(NEWLINE2);
    return this.#flushWhenDue(now);
  }
  /** Writes a message about the worker immediately. */
  send(message) {
    this.flush();
    if (this.isFramed) this.addLine(JSON.stringify(message));
    this.flush();
  }
  /**
   * Flushes after `flushMs` milliseconds. Does nothing when a flush is already scheduled or the
   * buffers are empty.
   */
  flushSoon() {
    if (this.flushMs === 0) return this.flush();
    if (this.#length > 0) this.#timer ??= setTimeout(() => this.flush(), this.flushMs);
  }
  /** Writes everything that was added. */
  flush(now = Date.now()) {
    if (this.#timer !== void 0) clearTimeout(this.#timer);
    this.#timer = void 0;
    this.#flushed = now;
    this.#endResults();
    this.#endLines();
    writeToStdout(this.#blocks.bytes);
    this.#blocks.clear();
  }
  get #length() {
    return this.#results.length + this.#lines.length + this.#blocks.length;
  }
  /**
   * Flushes when due, then reads the clock again, because writing to a full pipe is not charged to
   * a task.
   */
  #flushWhenDue(now) {
    if (this.#length < BLOCK_SIZE && now - this.#flushed < this.flushMs) return now;
    this.flush(now);
    return Date.now();
  }
  /** Begins a result. With `isAlone`, the result starts a new block, which records its time. */
  #begin(id, isAlone) {
    if (id !== this.#next || isAlone) this.#endResults();
    if (this.#results.length === 0) this.#first = id;
  }
  #end(id, ms, now) {
    this.#results.byte(NEWLINE2);
    this.#next = id + 1;
    this.#ms += ms;
    if (ms > 0 || !this.isFramed) this.#endResults();
    return this.#flushWhenDue(now);
  }
  #endResults() {
    if (this.#results.length === 0) return;
    const id = this.#first, count = this.#next - id, ms = this.#ms, { bytes } = this.#results;
    if (count > 1) {
      this.#endLines();
      this.#block(blockHead({ id, count, bytes: bytes.length, ms }), bytes);
    } else {
      this.#lines.text(successHead(id, 1, ms));
      this.#lines.append(bytes.subarray(0, -1));
      this.#lines.text("}\n");
    }
    this.#results.clear();
    this.#ms = 0;
  }
  #endLines() {
    const { bytes, length } = this.#lines;
    if (length > 0) this.#block(`{"bytes":${length}}
`, bytes);
    this.#lines.clear();
  }
  #block(head, body) {
    if (!this.isFramed) return this.#blocks.append(body);
    this.#blocks.byte(RS);
    this.#blocks.text(head);
    this.#blocks.append(body);
    this.#blocks.text(END);
  }
};
function writeToStdout(bytes) {
  try {
    for (let at = 0; at < bytes.length; ) at += writeRawStdout(bytes.subarray(at));
  } catch (error) {
    writeRawStderr(new TextEncoder().encode(`stdout was closed: ${error}
`));
    exit(1);
  }
}

// dl_jobs/lib/worker/invocation.ts
function newInvocationStore() {
  const { AsyncLocalStorage } = nodeModule("node:async_hooks");
  return new AsyncLocalStorage();
}

// dl_jobs/lib/worker/task_lines.ts
var NEWLINE3 = 10;
var ZERO2 = 48;
var NINE = 57;
var HEAD_CODE = HEAD_MARK.charCodeAt(0);
var TaskLines = class {
  /** The id of the current task, from 0; -1 before the first task. */
  id = -1;
  /** The current task's attempt, from 1. */
  attempt = 1;
  /** The number of tasks begun so far. */
  count = 0;
  #text = "";
  #at = 0;
  /**
   * Sets the text to read: complete lines. The caller must first read all lines of the previous
   * text.
   */
  load(text) {
    this.#text = text;
    this.#at = 0;
  }
  /** True when all lines have been read. */
  get isDone() {
    return this.#at >= this.#text.length;
  }
  /** True when the next line is a head. */
  get isAtHead() {
    return this.#text.charCodeAt(this.#at) === HEAD_CODE;
  }
  /** Reads a head line, which sets the id and the attempt of the next task. */
  readHead() {
    const end = this.#text.indexOf("\n", this.#at);
    const [id, attempt] = this.#text.slice(this.#at + 1, end).split(" ").map(Number);
    this.#at = end + 1;
    this.id = id - 1;
    this.attempt = attempt;
  }
  /**
   * Begins the next task. Call this before `readArgs`, because errors of `readArgs` are charged to
   * the current task.
   */
  begin() {
    this.id++;
    this.count++;
  }
  /**
   * Reads the arguments of the current task. A line with only digits is read without the JSON
   * parser.
   *
   * @throws {SyntaxError} when the line is not JSON.
   */
  readArgs() {
    const text = this.#text, start = this.#at;
    let at = start, value = 0, code = text.charCodeAt(at);
    if (code !== ZERO2) {
      for (const most = start + 15; code >= ZERO2 && code <= NINE && at < most; ) {
        value = 10 * value + code - ZERO2;
        code = text.charCodeAt(++at);
      }
    }
    if (code === NEWLINE3 && at > start) {
      this.#at = at + 1;
      return value;
    }
    const end = text.indexOf("\n", at);
    this.#at = end + 1;
    return JSON.parse(text.slice(start, end));
  }
};
function splitLines(block) {
  const lines = [];
  for (let start = 0, end; start < block.length; start = end) {
    end = block.indexOf(NEWLINE3, start) + 1;
    lines.push(block.subarray(start, end));
  }
  return lines;
}

// dl_jobs/lib/worker/task_runner.ts
var CLOCK_EVERY = 8;
var TaskRunner = class {
  /**
   * Creates a runner. The caller sets `fn` when the function has been loaded.
   *
   * @param responses receives the responses
   * @param concurrency the largest number of concurrent calls
   */
  constructor(responses, concurrency) {
    this.responses = responses;
    this.concurrency = concurrency;
    if (concurrency > 1) this.#store = newInvocationStore();
  }
  responses;
  concurrency;
  /** The user's function. Must be set before the first task. */
  fn;
  #lines = new TaskLines();
  #clock = 0;
  /** True when the last task ended in the millisecond in which it began. */
  #isShort = false;
  #awaited;
  #running = /* @__PURE__ */ new Set();
  #store;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The call that contains the running code; between calls, the last call. */
  get current() {
    return this.#store?.getStore() ?? { id: this.#lines.id, attempt: this.#lines.attempt, started: this.#clock };
  }
  /** Starts the task of each line, and waits whenever `concurrency` calls are running. */
  async take(block) {
    this.#clock = Date.now();
    const text = this.#decode(block);
    if (text !== void 0) await this.#takeText(text);
    else for (const line of splitLines(block)) await this.#takeLine(line);
    if (this.#running.size === 0) this.reportIdle();
    else this.responses.flush();
  }
  /** Waits until all calls have ended, then flushes their responses. */
  async end() {
    await Promise.all(this.#running);
    this.responses.flush();
  }
  /** Adds a failure of the current call and flushes, because the process ends next. */
  abandon(reason, kind) {
    this.#fail(this.current, new Error(reason), kind);
    this.responses.flush();
  }
  /** Reports that each task has its response, so the controller can detect lost responses. */
  reportIdle() {
    this.responses.send({ idle: this.#lines.count });
  }
  #decode(bytes) {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return void 0;
    }
  }
  async #takeLine(line) {
    const text = this.#decode(line);
    if (text !== void 0) return await this.#takeText(text);
    this.#lines.begin();
    this.#fail(this.current, NOT_UTF8);
  }
  async #takeText(text) {
    const lines = this.#lines;
    lines.load(text);
    while (!lines.isDone) {
      if (!this.#store) this.#runSync();
      const running = this.#awaited ?? (lines.isDone ? void 0 : this.#start());
      this.#awaited = void 0;
      if (running) await this.#place(running);
    }
  }
  /**
   * Runs tasks one at a time while they return synchronously. Stops before a head line or a further
   * attempt, and after a call that returns a promise.
   *
   * This loop is the hot path: it contains all steps of a short task.
   */
  #runSync() {
    const { fn, responses } = this, lines = this.#lines;
    while (!lines.isDone && lines.attempt === 1) {
      if (lines.isAtHead) break;
      lines.begin();
      try {
        const value = dlJobsInvoke(fn, lines.readArgs());
        if (typeof value === "number") {
          const isShort = this.#isShort;
          const now = isShort && lines.id % CLOCK_EVERY > 0 ? this.#clock : this.#readClock();
          this.#clock = responses.addNumber(lines.id, value, now - this.#clock, now, isShort);
        } else if (isPromise(value)) {
          this.#awaited = this.#settle(this.current, value);
          return;
        } else this.#succeed(this.current, value);
      } catch (error) {
        this.#fail(this.current, error);
      }
    }
  }
  /** Reads the clock, which costs more than a call of an empty function. */
  #readClock() {
    const now = Date.now();
    this.#isShort = now === this.#clock;
    return now;
  }
  /** Starts the task of the next line, or reads the line when it is a head. */
  #start() {
    if (this.#lines.isAtHead) return void this.#lines.readHead();
    this.#lines.begin();
    const { current } = this;
    const run = () => this.#invoke(current);
    return this.#store ? this.#store.run(current, run) : run();
  }
  #invoke(invocation) {
    try {
      const value = dlJobsInvoke(this.fn, this.#lines.readArgs());
      if (isPromise(value)) return this.#settle(invocation, value);
      this.#succeed(invocation, value);
    } catch (error) {
      this.#fail(invocation, error);
    }
    return void 0;
  }
  async #settle(invocation, value) {
    this.responses.flushSoon();
    try {
      this.#succeed(invocation, await value);
    } catch (error) {
      this.#fail(invocation, error);
    }
  }
  async #place(running) {
    if (this.concurrency === 1) return await running;
    const done = running.then(() => {
      this.#running.delete(done);
      if (this.#running.size === 0) this.reportIdle();
      else this.responses.flushSoon();
    });
    this.#running.add(done);
    if (this.#running.size >= this.concurrency) await Promise.race(this.#running);
  }
  #succeed(invocation, returned) {
    const value = returnedValue(returned, this.fn);
    if (isReturnedError(value)) return this.#addFailure(invocation, returnedError(value));
    const { id, attempt, started } = invocation;
    const text = resultText(value);
    const now = Date.now(), ms = now - started;
    this.#clock = attempt === 1 ? this.responses.addResult(id, text, ms, now) : this.responses.addLine(successLine(id, attempt, ms, text), now);
  }
  #fail(invocation, error, kind = "error") {
    this.#addFailure(invocation, toTaskError(error, kind));
  }
  #addFailure({ id, attempt, started }, error) {
    const now = Date.now(), ms = now - started;
    const line = eventLine({ id, attempt, type: "failed", ms, error });
    this.#clock = this.responses.addLine(line, now);
  }
};
var NOT_UTF8 = new TypeError("its arguments are not UTF-8; convert the list to UTF-8");
function isPromise(value) {
  return typeof value === "object" && value !== null && typeof value.then === "function";
}

// dl_jobs/lib/worker/main.ts
async function serve(load2, options = JSON.parse(Deno.args[0] ?? '{"isFramed":false}')) {
  if (options.plain) return await servePlain(load2);
  const responses = new ResponseWriter(options.flushMs ?? 50, options.isFramed ?? true);
  const runner = new TaskRunner(responses, options.concurrency ?? 1);
  emptyStdin();
  captureStdio({
    onText: (stream, text) => {
      const { id, attempt } = runner.current;
      responses.addLine(JSON.stringify({ id, attempt, stream, text }));
    },
    onExit: (reason) => runner.abandon(reason, "crash")
  });
  runner.fn = await loadFunction(load2, responses);
  runner.reportIdle();
  for await (const block of readBlocks(stdin)) await runner.take(block);
  await runner.end();
  exit(0);
}
async function loadFunction(load2, responses) {
  let fn;
  try {
    fn = (await load2()).default;
  } catch (error) {
    endUnloaded(responses, toTaskError(error));
  }
  if (typeof fn !== "function") endUnloaded(responses, NO_FUNCTION);
  return fn;
}
var NO_FUNCTION = {
  message: "the export is not a function",
  type: "NoFunction",
  class: "error"
};
function endUnloaded(responses, error) {
  responses.send({ broken: error });
  if (!responses.isFramed) {
    writeRawStderr(new TextEncoder().encode(`${error.stack ?? error.message}
`));
  }
  return exit(1);
}
async function servePlain(load2) {
  const { default: fn } = await load2();
  for await (const block of readBlocks("-")) {
    const line = block.subarray(0, -1);
    const returned = await dlJobsInvoke(fn, JSON.parse(argsText(line)));
    console.log(resultText(returnedValue(returned, fn)));
  }
}

// dl-jobs:entry
var load = () => Promise.resolve().then(() => (init_user(), user_exports));
var work = (options) => serve(load, options);
if (__dl_jobs_main) await serve(load);
export {
  load,
  work
};
