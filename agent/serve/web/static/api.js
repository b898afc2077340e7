// The HTTP API of the same origin.

import { held, kept, randomId } from "./kept.js";
import { events } from "./sse.js";

/** What went wrong, in the server's words where it said something. */
export class ApiError extends Error {
  constructor(message, { status = 0, code = "unreachable", hint = null, requestId = null } = {}) {
    super(message);
    Object.assign(this, { status, code, hint, requestId });
  }
}

let askForKey = async () => null;
let key = held.get("key");

/** `ask(refused)` resolves to a key, or to null where none is given. */
export function whenKeyNeeded(ask) {
  askForKey = ask;
}

/** Whether requests carry a key. */
export function hasKey() {
  return Boolean(key);
}

export function forgetKey() {
  key = null;
  held.set("key", null);
}

/** Who this browser is where the server knows no keys. */
export function guest() {
  let name = kept.get("user");
  if (!/^guest-[0-9a-f]{12}$/.test(name ?? "")) {
    name = `guest-${randomId().slice(0, 12)}`;
    kept.set("user", name);
  }
  return name;
}

async function send(method, path, { body, headers = {}, signal, id, keepalive } = {}) {
  const given = { Accept: "application/json", ...headers };
  if (key) given.Authorization = `Bearer ${key}`;
  else given["X-Groundrec-User"] = guest();
  if (body !== undefined) given["Content-Type"] = "application/json";
  if (id) given["Idempotency-Key"] = id;
  let response;
  try {
    response = await fetch(path, { method, headers: given, signal, keepalive, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("");
  }
  if (response.ok) return response;
  const problem = await failure(response);
  if (response.status !== 401) throw problem;
  const found = await askForKey(Boolean(key));
  if (!found) throw problem;
  key = found;
  held.set("key", key);
  return send(method, path, { body, headers, signal, id });
}

async function failure(response) {
  const said = (await response.json().catch(() => null))?.error ?? {};
  return new ApiError(said.message ?? `${response.status} ${response.statusText}`, {
    status: response.status,
    code: said.code ?? "unknown",
    hint: said.hint ?? null,
    requestId: said.request_id ?? response.headers.get("X-Request-Id"),
  });
}

async function json(method, path, options) {
  const response = await send(method, path, options);
  return response.status === 204 ? null : response.json();
}

const at = (session, rest = "") => `/v1/sessions/${encodeURIComponent(session)}${rest}`;
const changed = (method, path, body) => json(method, path, { body, id: randomId() });

export const config = () => json("GET", "/v1/config");
export const sessions = () => json("GET", "/v1/sessions");
export const session = (id) => json("GET", at(id));
export const openSession = (options) => changed("POST", "/v1/sessions", options);
export const deleteSession = (id) => changed("DELETE", at(id));
/** The conversation is over for now; asked for also while the page goes away. */
export const closeSession = (id) => send("POST", at(id, "/close"), { keepalive: true });
export const feedback = (id, item, kind) => changed("POST", at(id, "/feedback"), { item, kind });
export const undo = (id) => changed("POST", at(id, "/undo"));
export const why = (id, item) => json("GET", at(id, `/items/${encodeURIComponent(item)}/why`));
export const beliefs = (id) => json("GET", at(id, "/beliefs"));
export const editBeliefs = (id, edit) => changed("PATCH", at(id, "/beliefs"), edit);
export const map = (id) => json("GET", at(id, "/map"));
export const trace = (id, seq) => json("GET", at(id, `/turns/${seq}/trace`));
export const item = (id) => json("GET", `/v1/items/${encodeURIComponent(id)}`);
export const exported = () => json("GET", "/v1/me/export");
export const forgetMe = () => changed("DELETE", "/v1/me");
export const setMemory = (remember) => changed("PUT", "/v1/me/memory", { remember });

/**
 * Say something; yields `{event, data}`: a list, words, the turn. The same `id` again is the same turn, so a
 * failed attempt can be repeated without saying it twice.
 */
export async function* say(session, body, { id, signal }) {
  const headers = { Accept: "text/event-stream" };
  const response = await send("POST", at(session, "/turns"), { body, headers, signal, id });
  let whole = false;
  try {
    for await (const piece of events(response.body)) {
      if (piece.event === "error") {
        const said = piece.data.error ?? piece.data;
        throw new ApiError(said.message ?? "", { code: said.code, hint: said.hint, requestId: said.request_id });
      }
      whole ||= piece.event === "turn";
      yield piece;
    }
  } catch (error) {
    if (error instanceof ApiError || error.name === "AbortError") throw error;
    throw new ApiError("");
  }
  if (!whole) throw new ApiError("");
}
