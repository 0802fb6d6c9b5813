/**
 * Tells whether other users could have written a file.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { shellWord } from "../shell.ts";
import { lstatIfThere, readIfThere } from "./fs.ts";

/** The environment variable that lists trusted folders, separated by colons. */
const TRUST_ENV = "DL_JOBS_TRUST";

/**
 * Throws if another user could have written a file that is executed, or that decides what is
 * executed. The file, every folder above it and every link on its way must belong to this user or
 * to root, and only the owner may write to them.
 *
 * As with SSH, a folder with the sticky bit may be writable for all, because its entries cannot be
 * replaced. A place may also be writable for the private group of this user, because that is the
 * default of many systems. Systems without user ids are not checked.
 *
 * @param path the absolute path; the missing end of a path is ignored
 * @throws {UsageError} when another user could have written the file. The message names the place
 * and the command that corrects it.
 * @see https://man.openbsd.org/sshd_config#StrictModes
 */
export function checkTrusted(path: string): void {
  const user = ownUid();
  if (user === null || isTrusted(path)) return;
  for (const place of placesOf(path)) {
    const fault = isTrusted(place.path) ? undefined : faultOf(place, user);
    if (fault === undefined) continue;
    throw new UsageError(
      `Cannot trust ${path}: ${fault}, or set ${TRUST_ENV}=${place.path} if you trust everything there`,
    );
  }
}

/** Returns the id of this user; `null` when it is unknown. */
export function ownUid(): number | null {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() : null;
}

function isTrusted(path: string): boolean {
  const folders = (Deno.env.get(TRUST_ENV) ?? "").split(":").filter((one) => one.startsWith("/"));
  return folders.some((folder) => `${path}/`.startsWith(folder.replace(/\/*$/, "/")));
}

/** A part of a path: a folder, a link or a file. */
interface Place extends Pick<Deno.FileInfo, "uid" | "gid" | "mode" | "isSymlink" | "isDirectory"> {
  readonly path: string;
}

// The limit of Linux for the links in a path.
const MAX_LINKS = 40;

/** Returns each part of a path, from the root. Links are followed. */
function placesOf(path: string): Place[] {
  const places = [{ path: "/", ...Deno.lstatSync("/") }];
  const above = (path: string) => path.slice(0, path.lastIndexOf("/"));
  // The root folder is an empty text here.
  let at = "", links = 0;
  for (const rest = path.split("/"); rest.length > 0;) {
    const name = rest.shift()!;
    if (name === "..") at = above(at);
    if (["", ".", ".."].includes(name)) continue;
    at += `/${name}`;
    const info = lstatIfThere(at);
    if (!info || links > MAX_LINKS) break;
    places.push({ path: at, ...info });
    if (!info.isSymlink) continue;
    const target = Deno.readLinkSync(at);
    rest.unshift(...target.split("/"));
    at = target.startsWith("/") ? "" : above(at);
    links++;
  }
  return places;
}

const STICKY = 0o1000, GROUP_WRITES = 0o020, ALL_WRITE = 0o002;

/** Returns the reason to distrust a place, and the command that corrects it. */
function faultOf(
  { path, uid, gid, mode, isSymlink, isDirectory }: Place,
  user: number,
): string | undefined {
  if (uid !== user && uid !== 0 && uid !== sudoUid(user)) {
    return `${path} belongs to another user (uid ${uid}); run chown ${user} ${shellWord(path)}`;
  }
  // The permission bits of a link have no effect.
  if (isSymlink || mode === null || (isDirectory && mode & STICKY)) return undefined;
  const isShared = mode & GROUP_WRITES && !isPrivateGroup(gid, user);
  if (!isShared && !(mode & ALL_WRITE)) return undefined;
  const bits = (mode & 0o7777).toString(8);
  return `other users can write to ${path} (mode ${bits}); run chmod go-w ${shellWord(path)}`;
}

/** Returns the id of the user who called sudo. As in git, root trusts this user. */
function sudoUid(user: number): number | undefined {
  const text = user === 0 ? Deno.env.get("SUDO_UID") : undefined;
  return text ? Number(text) : undefined;
}

/**
 * Returns true when a group has no other members. A group that the system's files do not list comes
 * from a directory service, where only a private group has the id of its user.
 */
function isPrivateGroup(gid: number | null, user: number): boolean {
  // The fields are name, password, id, members; name, password, id, group of a user.
  const group = linesOf("/etc/group").find(([, , id]) => Number(id) === gid);
  if (!group) return gid === user;
  const users = linesOf("/etc/passwd");
  const own = users.find(([, , id]) => Number(id) === user)?.[0];
  const [groupName, , , others = ""] = group;
  const members = [
    ...others.split(",").filter((name) => name !== ""),
    ...users.filter(([, , , groupId]) => Number(groupId) === gid).map(([name]) => name),
  ];
  return groupName === own && members.every((name) => name === own);
}

function linesOf(file: string): string[][] {
  return readIfThere(file).split("\n").map((line) => line.split(":"));
}
