/**
 * A minimal client: requests with the headers that the service requires.
 *
 * @module
 */

import { until } from "../../tools/support/until.ts";
import type { ComputeServer } from "../../tools/compute_server/mod.ts";

/** A response that has been read. */
export interface ClientResponse {
  readonly status: number;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** The parts of a request. */
export interface RequestParts {
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. A string is sent unchanged, and any other value as JSON. */
  readonly body?: unknown;
}

/** A client that is signed in. */
export class Client {
  constructor(readonly server: ComputeServer, public token: string) {}

  /** Signs in and stores the credentials on the server. */
  static async open(server: ComputeServer): Promise<Client> {
    const { clientId, clientSecret } = server.auth;
    const client = new Client(server, await signIn(server));
    const body = { client_id: clientId, client_secret: clientSecret };
    await client.ask("POST /credentials", { body });
    return client;
  }

  /** Sends a request such as `GET /jobs` and reads the response, as JSON when it is JSON. */
  async ask(line: string, { headers = {}, body }: RequestParts = {}): Promise<ClientResponse> {
    const [method, path] = line.split(" ") as [string, string];
    const base = path.startsWith("/storage/") ? this.server.catalogUrl : this.server.computeUrl;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...this.headers, ...headers },
      // A stream is sent only once. With any other body, fetch repeats a request when a kept
      // connection is cut, even a POST.
      body: body === undefined ? null : new Blob([toBody(body)]).stream(),
    });
    const text = await response.text();
    return { status: response.status, body: fromText(text) };
  }

  /** The headers of each request. */
  get headers(): Record<string, string> {
    return {
      "authorization": `Bearer ${this.token}`,
      "accept": "application/json, application/vnd.api+json",
      "content-type": "application/json",
      "user-agent": "test-client/1.0.0",
      "x-platform": "Linux-x86_64",
      "x-python": "3.12.0",
      "x-conda": "False",
      "x-notebook": "False",
      "x-client-session": plainId(),
      "x-request-group": plainId(),
    };
  }

  /** Creates a function and waits until it is built. Returns its id. */
  async deploy(
    files: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const made = await this.ask("POST /functions", { body: { ...FIELDS, ...fields } });
    const { function: { id }, bundle_upload_url } = made.body;
    await upload(bundle_upload_url, await zip(files));
    await this.ask(`POST /functions/${id}/bundle`);
    await until(() => this.server.functions.get(id)!.wire.status !== "building", "the build");
    return id;
  }

  /** Creates a job and returns its id. */
  async submit(
    id: string,
    args: readonly unknown[],
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const body = { function_id: id, args, tags: [], ...more };
    return (await this.ask("POST /jobs", { body })).body.id;
  }

  /** Waits for the end of a job and returns the job as clients see it. */
  async ended(id: string) {
    const over = ["success", "failure", "timeout", "canceled"];
    await until(() => over.includes(this.server.jobs.get(id)!.wire.status), `the end of ${id}`);
    return (await this.ask(`GET /jobs/${id}`)).body;
  }

  /** Returns the result of a job; undefined when it has none. */
  async result(id: string): Promise<unknown> {
    const { function_id } = this.server.jobs.get(id)!.wire;
    const { namespace } = this.server.functions.get(function_id)!.wire;
    const key = encodeURIComponent(`compute/${namespace}/${function_id}/${id}`);
    const found = await this.ask(`GET /storage/download/${key.replaceAll("%2F", "/")}`);
    if (found.status === 404) return undefined;
    const response = await fetch(found.body.data.attributes.resumable_url);
    return fromText(await response.text());
  }
}

/** The required fields of a function. */
export const FIELDS = { name: "square", image: "python3.12:latest" };

/** Returns a random id in the format of headers. */
export function plainId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Exchanges the secret for a token. */
export async function signIn({ auth, iamUrl }: ComputeServer): Promise<string> {
  const response = await fetch(`${iamUrl}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: toText({
      client_id: auth.clientId,
      grant_type: "refresh_token",
      refresh_token: auth.clientSecret,
    }),
  });
  return (await response.json()).id_token;
}

/** Uploads a bundle to the address of its function. Returns the status. */
export async function upload(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const headers = { "content-type": "application/octet-stream" };
  const response = await fetch(url, { method: "PUT", body: bytes, headers });
  await response.body?.cancel();
  return response.status;
}

const ZIP = `
import io, json, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in json.load(sys.stdin).items():
        archive.writestr(name, text)
sys.stdout.buffer.write(out.getvalue())
`;

/** Packs files, by their names, into a zip archive. */
export async function zip(
  files: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command("python3", {
    args: ["-c", ZIP],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await new Blob([toText(files)]).stream().pipeTo(child.stdin);
  return (await child.output()).stdout;
}

function toBody(body: unknown): string {
  return typeof body === "string" ? body : toText(body);
}

function toText(value: unknown): string {
  return JSON.stringify(value);
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
