// What the page knows, and everything it can do about it. Views listen to what changed and draw it.

import * as api from "./api.js";
import { held, kept, randomId } from "./kept.js";

/**
 * `session` is the conversation at hand (null before the first word), `beliefs` what is believed in it, `pending`
 * the turn that is being answered, `tuning` what the sliders say (null: automatic).
 */
export const state = {
  config: null,
  session: null,
  beliefs: null,
  sessions: [],
  pending: null,
  tuning: { variety: null, novelty: 0, length: null, ...held.get("tuning", {}) },
  developer: kept.get("developer", false),
};

const bus = new EventTarget();
const emit = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));

/** Call `listener(detail)` whenever one of the named things happens. */
export function on(names, listener) {
  for (const name of names.split(" ")) bus.addEventListener(name, (event) => listener(event.detail));
}

// ---- conversations -------------------------------------------------------------------------------------

let going = 0;

/** Go to a conversation by id, or to an empty one; where that fails, one stays where one was. */
export async function go(id) {
  const trip = (going += 1);
  if (id === (state.session?.id ?? null)) return;
  const found = id ? await api.session(id) : null;
  if (trip !== going) return;
  stop();
  leave();
  Object.assign(state, { session: found, beliefs: null });
  address();
  emit("session");
  await refreshBeliefs();
}

let unclosed = false;

/** Tell the server that the conversation at hand is over for now: it may learn from it then. */
export function leave() {
  if (!unclosed || !state.session) return;
  unclosed = false;
  api.closeSession(state.session.id).catch(() => {});
}

/** The conversation at hand, opened if there is none yet. */
export async function ensureSession() {
  if (!state.session) {
    state.session = await api.openSession({ locale: document.documentElement.lang });
    address();
    emit("opened");
  }
  return state.session;
}

/** Let the address name the conversation at hand: as a new step of the history, or in place of the last. */
export function address({ anew = true } = {}) {
  const hash = state.session ? `#/c/${encodeURIComponent(state.session.id)}` : "#/";
  if ((location.hash || "#/") === hash) return;
  history[anew ? "pushState" : "replaceState"](null, "", hash);
}

/** The conversation that the address names, or null. */
export function addressed() {
  const found = /^#\/c\/(.+)$/.exec(location.hash);
  return found ? decodeURIComponent(found[1]) : null;
}

export async function refreshSessions() {
  const found = await api.sessions();
  state.sessions = Array.isArray(found) ? found : found.sessions;
  emit("sessions");
}

export async function deleteSession(id) {
  if (state.session?.id === id) unclosed = false;
  await api.deleteSession(id);
  if (state.session?.id === id) await go(null);
  await refreshSessions();
}

/** The turns that still hold: an undo takes back the last one before it. */
export function standing(turns) {
  const stack = [];
  for (const turn of turns) {
    if (turn.kind === "undo") stack.pop();
    else stack.push(turn);
  }
  return stack;
}

// ---- turns ---------------------------------------------------------------------------------------------

/** What the sliders ask for, as a strategy; null where all is automatic. */
export function tunedStrategy() {
  const { variety, novelty } = state.tuning;
  const parts = [variety === null ? "" : `diversity=${variety}`, novelty ? `novelty=${novelty}` : ""];
  return parts.filter(Boolean).join(",") || null;
}

export function tune(changes) {
  Object.assign(state.tuning, changes);
  held.set("tuning", state.tuning);
  emit("tuning");
}

/** Say something. `again` is a turn that failed: it is repeated as it was, under the same id. */
export async function say(text, again = null) {
  if (state.pending) return;
  const body = again?.body ?? { text, n: state.tuning.length, strategy: tunedStrategy() };
  const pending = { id: again?.id ?? randomId(), text: body.text, body, abort: new AbortController(), list: null, words: "" };
  state.pending = pending;
  emit("started", { pending, again });
  try {
    const { id } = await ensureSession();
    pending.session = id;
    for await (const { event, data } of api.say(id, body, { id: pending.id, signal: pending.abort.signal })) {
      if (event === "list") emit("listed", Object.assign(pending, { list: data }));
      else if (event === "word") emit("worded", Object.assign(pending, { words: pending.words + data.text }));
      else if (event === "turn") finish(pending, data);
    }
  } catch (error) {
    if (error.name === "AbortError") await stopped(pending);
    else emit("failed", Object.assign(pending, { error }));
  }
  state.pending = null;
  emit("idle");
  await settle();
}

function finish(pending, turn) {
  const { session } = state;
  if (session?.id !== pending.session) return;
  if (!session.turns.some((known) => known.seq === turn.seq)) session.turns.push(turn);
  unclosed = true;
  session.can_undo = true;
  session.shown = turn.list ?? session.shown;
  emit("answered", Object.assign(pending, { turn }));
}

/** Stop listening to the answer. */
export function stop() {
  state.pending?.abort.abort();
}

/** The server may have taken the turn in before it was stopped: then it stands, without its last words. */
async function stopped(pending) {
  const { session } = state;
  if (session?.id !== pending.session) return;
  const known = new Set(session?.turns.map((turn) => turn.seq));
  const now = session && (await api.session(session.id).catch(() => null));
  if (state.session?.id !== pending.session) return;
  const turn = now?.turns.find(({ seq, kind, text }) => kind === "say" && text === pending.text && !known.has(seq));
  if (turn) state.session = now;
  if (turn || pending.list) emit("answered", Object.assign(pending, { turn: turn ?? null, stopped: true }));
  else emit("withdrawn", pending);
}

async function settle() {
  await Promise.allSettled([refreshBeliefs(), refreshSessions()]);
}

// ---- feedback, undo, beliefs -----------------------------------------------------------------------------

let line = Promise.resolve();

/** Changes happen one after the other, in the order of the clicks. */
function inLine(change) {
  const done = line.then(change);
  line = done.catch(() => {});
  return done;
}

/** Like, dislike or seen: given, or taken back where it is given already. */
export function mark(item, kind) {
  return inLine(async () => {
    const { id } = await ensureSession();
    if (marks(item.id).has(kind)) {
      await api.editBeliefs(id, kind === "seen" ? { unsee: [item.id] } : { attitudes: { [item.id]: 0 } });
      state.session.can_undo = true;
      emit("noted", { what: kind === "seen" ? "unsee" : "forget", item });
    } else {
      take(await api.feedback(id, item.id, kind));
      emit("noted", { what: kind, item });
    }
    await refreshBeliefs();
  });
}

/** What is known of an item: a set of like, dislike, seen. */
export function marks(itemId) {
  const found = new Set();
  const attitude = state.beliefs?.attitudes.find(({ item }) => item.id === itemId)?.attitude ?? 0;
  if (attitude > 0) found.add("like");
  if (attitude < 0) found.add("dislike");
  if (state.beliefs?.seen.some(({ id }) => id === itemId)) found.add("seen");
  return found;
}

/** Take the last utterance, feedback or edit back. */
export function undo() {
  return inLine(async () => {
    if (!state.session?.can_undo) return;
    const before = standing(state.session.turns);
    take(await api.undo(state.session.id));
    const after = standing(state.session.turns);
    const left = new Set(after.map((turn) => turn.seq));
    const gone = before.findLast((turn) => !left.has(turn.seq)) ?? null;
    await refreshBeliefs();
    emit("undone", gone);
    refreshSessions().catch(() => {});
  });
}

/** Change what is believed. */
export function edit(change) {
  return inLine(async () => {
    const found = await api.editBeliefs(state.session.id, change);
    asked += 1;
    state.beliefs = found;
    state.session.can_undo = true;
    unclosed = true;
    emit("beliefs");
    emit("noted", { what: "edit" });
  });
}

function take(session) {
  state.session = session;
  unclosed = true;
  emit("taken");
}

let asked = 0;

export async function refreshBeliefs() {
  if (!state.session) return;
  const turn = (asked += 1);
  const { id } = state.session;
  const found = await api.beliefs(id);
  // Only the answer to the last question counts.
  if (state.session?.id !== id || turn !== asked) return;
  state.beliefs = found;
  emit("beliefs");
}

// ---- the rest --------------------------------------------------------------------------------------------

export function setDeveloper(developer) {
  state.developer = developer;
  kept.set("developer", developer);
  emit("developer");
}

export async function setMemory(remember) {
  await api.setMemory(remember);
  if (state.session) state.session.remember = remember;
  kept.set("remember", remember);
}

/** Delete everything kept about the user, and start afresh. */
export async function forgetMe() {
  stop();
  unclosed = false;
  const counts = await api.forgetMe();
  await go(null);
  await refreshSessions();
  return counts;
}
