/**
 * Each source of a list in each form in which it can arrive, with the exact elements or the exact
 * refusal.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import type { Format } from "../../../lib/formats/format.ts";
import { files } from "../../../lib/tasks/list_files.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { openDuckDb } from "../../support/parquet.ts";
import { dlJobs } from "../cli/commands.ts";

/** A source, by the ending of its files. */
interface SourceCase {
  readonly format: Format;
  readonly file: Uint8Array;
  /** The elements, as JSON. */
  readonly elements: readonly string[];
  /** The file with no record after its header. @default {the format has no header} */
  readonly header?: Uint8Array;
  /** The fact that the user is told about the file, after its name. */
  readonly notice?: string;
  /** The elements of the file with CR LF. @default {those of the file} */
  readonly crlf?: readonly string[];
  /** The elements of the file without its last bytes, or the reason for a refusal. */
  readonly torn: readonly [bytes: number, elements: readonly string[] | string];
  /** The reason to refuse an empty file. @default {it has no elements} */
  readonly empty?: string;
}

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);
const feature = (n: string) => `{"type":"Feature","id":"${n}","properties":null,"geometry":null}`;
const rows = ['{"n":"é","m":"a\\n\\"b\\""}', '{"n":"2","m":""}'];
const crlfRows = [rows[0]!.replace("\\n", "\\r\\n"), rows[1]!];
const tornTable = (name: string) => [
  `Cannot read ${name}:2: the quote in column 2 is not closed, pass --no-quotes if it is text ` +
  "(line 3 is read as a record)",
  `Cannot read ${name}:3: it has 1 cell, the header has 2`,
];
const tornJson = (place: string) =>
  `Cannot read torn.${place}: the text ends early, its JSON is not complete`;
const TORN_GZIP =
  "its gzip data are damaged or end early (unexpected end of file), make the file again";
const NO_PARQUET =
  "it is not Parquet, because it does not start with PAR1, make or download it again";

async function sources(): Promise<Readonly<Record<string, SourceCase>>> {
  const collection = (features: string) => `{"type":"FeatureCollection","features":[${features}]}`;
  return {
    ndjson: {
      format: "ndjson",
      file: bytes('{"n":"é"}\n[2]\n'),
      elements: ['{"n":"é"}', "[2]"],
      // The last line is not JSON, so its task fails.
      torn: [2, ['{"n":"é"}', "[2"]],
    },
    json: {
      format: "json",
      file: bytes('[\n{"n": "é"},\n[2]\n]\n'),
      elements: ['{"n":"é"}', "[2]"],
      header: bytes("[]\n"),
      notice: "is a JSON array of 2 elements, a task each",
      torn: [3, ['{"n":"é"}', "[2]", tornJson("json:3:4")]],
    },
    geojson: {
      format: "geojson",
      file: bytes(collection(`\n${feature("é")},\n${feature("2")}\n`) + "\n"),
      elements: [feature("é"), feature("2")],
      header: bytes(collection("")),
      notice: "is a FeatureCollection of 2 features, a task each",
      torn: [8, [feature("é"), tornJson("geojson:3:58")]],
    },
    csv: {
      format: "csv",
      file: bytes('n,m\né,"a\n""b"""\n2,\n'),
      elements: rows,
      crlf: crlfRows,
      header: bytes("n,m\n"),
      torn: [8, tornTable("torn.csv")],
    },
    tsv: {
      format: "tsv",
      file: bytes('n\tm\né\t"a\n""b"""\n2\t\n'),
      elements: rows,
      crlf: crlfRows,
      header: bytes("n\tm\n"),
      torn: [8, tornTable("torn.tsv")],
    },
    txt: {
      format: "lines",
      file: bytes('é "q"\nb\n'),
      elements: ['"é \\"q\\""', '"b"'],
      torn: [1, ['"é \\"q\\""', '"b"']],
    },
    parquet: {
      format: "parquet",
      file: await parquet("select * from (values ('é', 1), ('b', 2)) t(n, m)"),
      elements: ['{"n":"é","m":1}', '{"n":"b","m":2}'],
      header: await parquet("select 'a' as n, 1 as m where false"),
      torn: [3, "it ends early, without a footer, make or download it again"],
      empty: NO_PARQUET,
    },
  };
}

async function parquet(sql: string): Promise<Uint8Array> {
  await using folder = await makeFolder();
  using db = await openDuckDb();
  await db.run(`copy (${sql}) to '${folder.path}/a.parquet' (format parquet)`);
  return await Deno.readFile(`${folder.path}/a.parquet`);
}

/** The elements of a list and the notices about it, or the message of its refusal. */
async function read(
  list: readonly (string | ReadableStream<Uint8Array>)[],
  format?: Format,
): Promise<unknown> {
  const decoder = new TextDecoder(), notices: string[] = [];
  let text = "";
  try {
    const tasks = toTasks(files(list, { format }), { notice: (one) => notices.push(one) });
    for await (const batch of tasks) text += decoder.decode(batch.bytes);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return [text.split("\n").slice(0, -1), notices];
}

/** The forms in which a source arrives, each with its list and what is expected. */
function* forms(ending: string, source: SourceCase, folder: string, address: string) {
  const { file, elements, header, notice, crlf = elements, torn, format, empty } = source;
  const put = (name: string, content: Uint8Array) => {
    Deno.writeFileSync(`${folder}/${name}.${ending}`, content);
    return `${name}.${ending}`;
  };
  const zip = (name: string, content: Uint8Array) => {
    Deno.writeFileSync(`${folder}/${name}.${ending}.gz`, gzipSync(content));
    return `${name}.${ending}.gz`;
  };
  const notices = (...names: string[]) => notice ? names.map((name) => `${name} ${notice}`) : [];
  const none = (name: string) => [[], [`${name} has no records: it has no tasks`]];
  const refused = (name: string, reason: string) => `Cannot read ${name}: ${reason}`;
  const isText = format !== "parquet", plain = put("a", file), gz = zip("a", file);
  const url = `${address}/${plain}`, marked = isText ? put("bom", withBom(file)) : put("b", file);
  const streamed = [elements, notices("input")];

  yield ["plain", [plain], [elements, notices(plain)]] as const;
  yield ["gzip", [gz], [elements, notices(gz)]] as const;
  yield ["a stream", [bytewise(file)], streamed, format] as const;
  yield ["a gzip stream", [bytewise(gzipSync(file))], streamed, format] as const;
  yield ["a URL", [url], [elements, notices(url)]] as const;
  yield ["a gzip URL", [`${url}.gz`], [elements, notices(`${url}.gz`)]] as const;
  yield ["two files", [marked, gz], [[...elements, ...elements], notices(marked, gz)]] as const;
  for (const name of [put("empty", bytes("")), zip("empty", bytes(""))]) {
    yield [name, [name], empty ? refused(name, empty) : none(name)] as const;
  }
  if (header) {
    for (const name of [put("header", header), zip("header", header)]) {
      yield [name, [name], none(name)] as const;
    }
    const both = [elements, [...none(`header.${ending}`)[1]!, ...notices(plain)]];
    yield ["a header, then a file", [`header.${ending}`, plain], both] as const;
  }
  if (isText) {
    const windows = put("crlf", bytes(text(file).replaceAll("\n", "\r\n")));
    yield ["CR LF", [windows], [crlf, notices(windows)]] as const;
    yield ["a byte order mark", [marked], [elements, notices(marked)]] as const;
    const zipped = zip("bom", withBom(file));
    yield ["a byte order mark in gzip", [zipped], [elements, notices(zipped)]] as const;
  } else {
    const damaged = put("bom", withBom(file));
    yield ["a byte order mark", [damaged], refused(damaged, NO_PARQUET)] as const;
  }
  const [size, left] = torn, cut = put("torn", file.subarray(0, -size));
  const says = notice?.replace(/2 (\w+?)s?,/, (_, one) => counted(left.length, one));
  const found = typeof left === "string"
    ? refused(cut, left)
    : [left, says ? [`${cut} ${says}`] : []];
  yield ["a torn end", [cut], found] as const;
  Deno.writeFileSync(`${folder}/torn.${ending}.gz`, gzipSync(file).subarray(0, -9));
  yield ["a torn gzip", [`torn.${ending}.gz`], refused(`torn.${ending}.gz`, TORN_GZIP)] as const;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"},`;
}

function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}

function withBom(content: Uint8Array): Uint8Array {
  return Uint8Array.of(0xef, 0xbb, 0xbf, ...content);
}

function bytewise(content: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from([...content].map((byte) => Uint8Array.of(byte)));
}

Deno.test("each source is read in each form, or refused", async (t) => {
  await using folder = await makeFolder();
  const cwd = Deno.cwd();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async ({ url }) => new Response(await Deno.readFile(folder.path + new URL(url).pathname)),
  );
  Deno.chdir(folder.path);
  try {
    const address = `http://127.0.0.1:${server.addr.port}`;
    for (const [ending, source] of Object.entries(await sources())) {
      await t.step(ending, async (t) => {
        for (const [name, list, expected, format] of forms(ending, source, folder.path, address)) {
          await t.step(name, async () => assertEquals(await read(list, format), expected));
        }
      });
    }
  } finally {
    Deno.chdir(cwd);
  }
});

Deno.test("the command leaves nothing when it refuses a list, and reads a file and stdin", async (t) => {
  for (const [ending, { file, elements, format }] of Object.entries(await sources())) {
    await t.step(ending, async () => {
      await using folder = await makeFolder({ "m.ts": "export const f = (x: unknown) => x;\n" });
      const cwd = folder.path, list = `a.${ending}`, bad = `bad.${ending}.gz`;
      await Deno.writeFile(`${cwd}/${list}`, file);
      await Deno.writeFile(`${cwd}/${bad}`, gzipSync(file).subarray(0, -9));
      const err = `Error: Cannot read ${bad}: ${TORN_GZIP}\n`;
      assertEquals(await dlJobs(`map m.ts#f ${list} ${bad}`, { cwd }), { out: "", err, code: 2 });
      const left = Array.from(Deno.readDirSync(cwd), ({ name }) => name).sort();
      assertEquals(left, [list, bad, "m.ts"].sort());
      const out = elements.join("\n") + "\n", map = `map m.ts#f ${list}`, flags = "-q --ordered";
      // A text cannot hold the bytes of Parquet.
      const [args, stdin] = format === "parquet"
        ? [`${map} ${list} ${flags}`, {}] as const
        : [`${map} - --input ${format} ${flags}`, { stdin: text(file) }] as const;
      assertEquals(await dlJobs(args, { cwd, ...stdin }), { out: out + out, err: "", code: 0 });
    });
  }
});
