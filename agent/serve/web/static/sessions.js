// The conversations so far: go on, begin a new one, delete.

import { confirmed } from "./dialogs.js";
import { arrows, h, icon, iconButton } from "./dom.js";
import { ago, t } from "./i18n.js";
import { deleteSession, go, on, state } from "./state.js";

/** The list; `done()` is called when one was chosen. */
export function sessionList({ problem, done }) {
  const list = h("ul", { class: "sessions" });
  const view = h(
    "nav",
    { class: "sidebar", id: "sidebar", "aria-label": t("conversations") },
    h("div", { class: "sidebar-head" }, h("button", { type: "button", class: "outline wide new", onclick: () => open(null) }, icon("plus"), t("new_conversation")), iconButton("close", t("close"), done, { class: "icon-button only-narrow" })),
    list,
  );

  async function open(id) {
    try {
      await go(id);
      done();
      document.getElementById("message")?.focus();
    } catch (error) {
      problem(error);
    }
  }

  async function drop(session, title) {
    const agreed = await confirmed({ title: t("delete_conversation_ask"), text: t("delete_conversation_text", { title }), action: t("delete") });
    if (agreed) await deleteSession(session.id).catch(problem);
  }

  function redraw() {
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const told = state.sessions.filter((session) => session.turns || session.id === state.session?.id);
    list.replaceChildren(
      ...told.map((session) => {
        const title = session.title || t("untitled");
        const current = session.id === state.session?.id;
        return h(
          "li",
          { class: current ? "current" : null },
          h("button", { type: "button", class: "session", "data-id": session.id, "aria-current": current ? "page" : null, onclick: () => open(session.id) }, h("span", { class: "session-title" }, title), h("span", { class: "session-when" }, ago(session.updated))),
          iconButton("bin", t("delete_conversation", { title }), () => drop(session, title), { class: "icon-button drop" }),
        );
      }),
    );
    if (!told.length) list.append(h("li", { class: "small faint" }, t("no_conversations")));
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  arrows(list, () => [...list.querySelectorAll(".session")]);
  on("sessions session opened", redraw);
  redraw();
  return view;
}
