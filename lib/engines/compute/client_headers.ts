/**
 * The headers by which the platform knows its clients.
 *
 * The platform chooses the version of an image such as `python3.12:latest` by the client's version,
 * so requests name the version of the platform's own client whose protocol they speak.
 *
 * @see https://github.com/earthdaily/earthone-python
 *
 * @module
 */

import project from "../../../deno.json" with { type: "json" };

/** The user agent of all requests, with the version of the protocol. */
export const AGENT = `earthone-python/6.1.1 dl_jobs/${project.version}`;

/**
 * Returns the headers that are the same in all requests of a session.
 *
 * @param image the image of the platform, whose version of Python the headers name
 */
export function clientHeaders(image = ""): Record<string, string> {
  const { os, arch } = Deno.build;
  const [, python = "3.12"] = /python(\d+\.\d+)/.exec(image) ?? [];
  return {
    "user-agent": AGENT,
    "x-platform": `${os === "linux" ? "Linux" : os}-${arch}`,
    "x-python": `${python}.0`,
    "x-conda": "False",
    "x-notebook": "False",
    "x-client-session": plainId(),
  };
}

/** Returns a random id in the format of the platform's clients. */
export function plainId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
