import { checkTrusted } from "../../../../lib/util/files/trust.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { skipSuffix } from "../../../support/programs.ts";

/** The uid of no user. */
const STRANGER = 1234;
const me = Deno.uid() ?? 0;
const noRoot = me === 0 ? undefined : "only root can give files to other users";

/** A change of the files, and the place that is then refused, for a reason and with a command. */
type Case = readonly [
  name: string,
  change: (path: (name: string) => string) => void,
  refused?: readonly [place: string, state: string, command: string],
];

const writable = (mode: number, place: string): [string, string, string] => [
  place,
  `other users can write to PLACE (mode ${mode.toString(8)})`,
  "chmod go-w PLACE",
];
const owned = (place: string): [string, string, string] => [
  place,
  `PLACE belongs to another user (uid ${STRANGER})`,
  `chown ${me} PLACE`,
];

const CASES: readonly Case[] = [
  ["only the owner writes", () => {}],
  ["all may read", (at) => Deno.chmodSync(at("a/b/file"), 0o755)],
  ["all write to the file", (at) => Deno.chmodSync(at("a/b/file"), 0o666), [
    ...writable(0o666, "a/b/file"),
  ]],
  ["all write to its folder", (at) => Deno.chmodSync(at("a/b"), 0o777), writable(0o777, "a/b")],
  ["all write to a folder above", (at) => Deno.chmodSync(at("a"), 0o757), writable(0o757, "a")],
  ["a sticky folder above", (at) => Deno.chmodSync(at("a"), 0o1777)],
  ["all write to a folder of the target of a link", (at) => {
    Deno.removeSync(at("a/b"), { recursive: true });
    Deno.symlinkSync("../shared/b", at("a/b"));
    Deno.chmodSync(at("shared"), 0o777);
  }, writable(0o777, "shared")],
  ["all write to the folder of a link", (at) => {
    Deno.renameSync(at("a/b/file"), at("shared/file"));
    Deno.symlinkSync(at("shared/file"), at("a/b/file"));
    Deno.chmodSync(at("a/b"), 0o777);
  }, writable(0o777, "a/b")],
  ["a link to itself", (at) => {
    Deno.removeSync(at("a/b/file"));
    Deno.symlinkSync("file", at("a/b/file"));
  }],
  ["a missing file in a folder of all", (at) => {
    Deno.removeSync(at("a/b/file"));
    Deno.chmodSync(at("a/b"), 0o777);
  }, writable(0o777, "a/b")],
];

const OWNER_CASES: readonly Case[] = [
  ["a file of another user", (at) => Deno.chownSync(at("a/b/file"), STRANGER, null), [
    ...owned("a/b/file"),
  ]],
  ["a folder of another user", (at) => Deno.chownSync(at("a"), STRANGER, null), owned("a")],
  ["a link of another user", (at) => {
    Deno.renameSync(at("a/b/file"), at("shared/file"));
    Deno.symlinkSync(at("shared/file"), at("a/b/file"));
    new Deno.Command("chown", { args: ["-h", String(STRANGER), at("a/b/file")] }).outputSync();
  }, owned("a/b/file")],
  ["a sticky folder of another user", (at) => {
    Deno.chmodSync(at("a"), 0o1777);
    Deno.chownSync(at("a"), STRANGER, null);
  }, owned("a")],
  ["a group of several users writes", (at) => {
    Deno.chownSync(at("a"), null, STRANGER);
    Deno.chmodSync(at("a"), 0o775);
  }, writable(0o775, "a")],
  ["the private group of this user writes", (at) => {
    Deno.chownSync(at("a"), null, 0);
    Deno.chmodSync(at("a"), 0o775);
  }],
];

for (const [name, cases, whyNot] of [["", CASES], [" by owner", OWNER_CASES, noRoot]] as const) {
  Deno.test({
    name: `checkTrusted() refuses what others could have written${name}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    async fn(t) {
      for (const [name, change, refused] of cases) {
        await t.step(name, () => check(change, refused));
      }
    },
  });
}

Deno.test("checkTrusted() trusts the folders that the user names", async () => {
  await using folder = await makeFolder({ "a b/file": "", "c/file": "" });
  for (const name of ["a b", "c"]) Deno.chmodSync(`${folder.path}/${name}`, 0o777);
  using _trust = trusting(`:relative:${folder.path}/a b/:`);
  checkTrusted(`${folder.path}/a b/file`);
  assertThrows(
    () => checkTrusted(`${folder.path}/c/file`),
    UsageError,
    messageOf(`${folder.path}/c/file`, folder, writable(0o777, "c")),
  );
});

Deno.test("checkTrusted() gives the command for any name", async () => {
  await using folder = await makeFolder({ "it's": "" });
  Deno.chmodSync(`${folder.path}/it's`, 0o666);
  const { message } = assertThrows(() => checkTrusted(`${folder.path}/it's`), UsageError);
  assertEquals(
    /; run (.*), or/.exec(message)![1],
    `chmod go-w '${folder.path}/it'\\''s'`,
  );
});

async function check(change: Case[1], refused: Case[2]): Promise<void> {
  await using folder = await makeFolder({ "a/b/file": "", "shared/b/file": "" });
  for (const name of ["a", "a/b", "shared", "shared/b"]) {
    Deno.chmodSync(`${folder.path}/${name}`, 0o755);
  }
  change((name) => `${folder.path}/${name}`);
  const file = `${folder.path}/a/b/file`;
  if (!refused) return checkTrusted(file);
  assertThrows(() => checkTrusted(file), UsageError, messageOf(file, folder, refused));
}

function messageOf(
  file: string,
  { path }: Folder,
  [name, state, command]: readonly [string, string, string],
): string {
  const place = `${path}/${name}`;
  const fault = `${state}; run ${command}`.replaceAll("PLACE", place);
  return `Cannot trust ${file}: ${fault}, or set DL_JOBS_TRUST=${place} if you trust everything there`;
}

function trusting(folders: string): Disposable {
  return useEnv({ DL_JOBS_TRUST: folders });
}
