/**
 * The object store: bundles, results and logs at signed addresses.
 *
 * @module
 */

import type { Counts } from "./options.ts";
import type { Route } from "./route.ts";
import { Refusal } from "./validate.ts";

/** Bytes by their keys. */
export class Blobs {
  readonly #bytes = new Map<string, Blob_>();
  readonly #signatures = new Map<string, { readonly way: string; readonly end: number }>();

  constructor(readonly base: string, readonly now: () => number, readonly addressMs: number) {}

  /** Returns the bytes under a key; undefined when there are none. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    const { bytes, from } = this.#bytes.get(key) ?? { from: Infinity };
    return this.now() >= from ? bytes : undefined;
  }

  /** Stores bytes under a key. They are found after `lateMs` milliseconds. */
  set(key: string, bytes: Uint8Array<ArrayBuffer>, lateMs = 0): void {
    this.#bytes.set(key, { bytes, from: this.now() + lateMs });
  }

  /** Removes the bytes under a key. */
  delete(key: string): void {
    this.#bytes.delete(key);
  }

  /** Returns an address that allows one method for some time. */
  sign(method: "GET" | "PUT", key: string): string {
    const signature = crypto.randomUUID().replaceAll("-", "");
    this.#signatures.set(signature, { way: `${method} ${key}`, end: this.now() + this.addressMs });
    const path = key.split("/").map(encodeURIComponent).join("/");
    return `${this.base}/bucket/${path}?X-Amz-Signature=${signature}`;
  }

  /** Returns the store's answer to an invalid request; undefined for a valid one. */
  refusal({ request, id, query }: ObjectCall): Response | undefined {
    if (request.headers.has("authorization")) {
      return refuse(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    const signed = this.#signatures.get(query.get("X-Amz-Signature") ?? "");
    if (!signed || signed.way !== `${request.method} ${id}`) {
      return refuse(403, "SignatureDoesNotMatch", "The signature is not of this request");
    }
    if (signed.end <= this.now()) return refuse(403, "AccessDenied", "Request has expired");
    return undefined;
  }
}

/** Bytes, and the time from which they are found. */
interface Blob_ {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly from: number;
}

/** A request to the store. */
interface ObjectCall {
  readonly request: Request;
  readonly id: string;
  readonly query: URLSearchParams;
}

function refuse(status: number, code: string, message: string): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}

/**
 * Returns the routes of the store, which is not part of the API: it requires no token and answers
 * in XML.
 */
export function storeRoutes(
  { blobs, counts }: { readonly blobs: Blobs; readonly counts: Counts },
): Route[] {
  return [
    {
      name: "PUT /bucket/{id}",
      query: ["X-Amz-Signature"],
      handle: async (call) => {
        const refusal = blobs.refusal(call) ?? uploadRefusal(call.request.headers);
        if (refusal) return refusal;
        blobs.set(call.id, await call.request.bytes());
        counts.uploads++;
        return new Response(null, { headers: { etag: `"${call.id}"` } });
      },
    },
    {
      name: "GET /bucket/{id}",
      query: ["X-Amz-Signature"],
      handle: (call) => blobs.refusal(call) ?? download(blobs.get(call.id), call),
    },
  ];
}

function uploadRefusal(headers: Headers): Response | undefined {
  if (!headers.has("content-length")) {
    return refuse(411, "MissingContentLength", "You must provide the Content-Length header");
  }
  if (headers.get("content-type") !== "application/octet-stream") {
    return refuse(403, "SignatureDoesNotMatch", "It is signed for application/octet-stream");
  }
  return undefined;
}

function download(bytes: Uint8Array<ArrayBuffer> | undefined, { request, id }: ObjectCall) {
  if (!bytes) return refuse(404, "NoSuchKey", "The specified key does not exist");
  const etag = `"${id}"`, match = request.headers.get("if-match");
  if (match && match !== etag) return refuse(412, "PreconditionFailed", "It is another one");
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
  const headers = { etag, "content-type": "binary/octet-stream" };
  if (from === undefined) return new Response(bytes, { headers });
  const part = bytes.slice(Number(from), to ? Number(to) + 1 : undefined);
  const end = Number(from) + part.length - 1;
  return new Response(part, {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${from}-${end}/${bytes.length}` },
  });
}

/**
 * Returns the routes of the catalog: the description of a blob, and a signed address for its bytes.
 */
export function catalogRoutes({ blobs }: { readonly blobs: Blobs }): Route[] {
  const bytesOf = (id: string) => {
    const bytes = blobs.get(id);
    if (!bytes) throw new CatalogRefusal(404, `Blob ${id} not found`);
    return bytes;
  };
  return [
    {
      name: "GET /storage/download/{id}",
      handle: ({ id }) => {
        bytesOf(id);
        const attributes = { resumable_url: blobs.sign("GET", id) };
        return catalogJson({ data: { type: "storage_download", id, attributes } });
      },
    },
    {
      name: "GET /storage/{id}",
      query: ["include"],
      handle: ({ id }) => {
        const attributes = { ...namesOf(id), size_bytes: bytesOf(id).length, hash: `"${id}"` };
        return catalogJson({ data: { type: "storage", id, attributes } });
      },
    },
  ];
}

/** Returns the parts of a blob's id, which is its type, its namespace and its name. */
function namesOf(id: string) {
  const [storage_type, namespace, ...name] = id.split("/");
  return { storage_type, namespace, name: name.join("/"), storage_state: "available" };
}

/** An error of the catalog, which has its own format. */
export class CatalogRefusal extends Refusal {
  override toResponse(): Response {
    const title = this.status === 404 ? "Not found" : "Error";
    const error = { status: String(this.status), title, detail: this.message };
    return catalogJson({ errors: [error] }, this.status);
  }
}

function catalogJson(body: object, status = 200): Response {
  const headers = { "content-type": "application/vnd.api+json" };
  return Response.json({ ...body, jsonapi: { version: "1.0" } }, { status, headers });
}
