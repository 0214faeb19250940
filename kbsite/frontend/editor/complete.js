// After [[ the titles of pages that the writer may see, as a list under the cursor.
// The focus stays in the text: arrows choose, Enter takes, Escape closes.

import { Plugin } from "@milkdown/kit/prose/state";
import { $prose } from "@milkdown/kit/utils";

import { element } from "./element.js";

const BEGUN = /\[\[([^[\]\n]{2,80})$/;
const WAIT_MS = 150;
const CLOSED = { role: "textbox", "aria-multiline": "true" };

function begunLink({ selection }) {
  const { $from, empty } = selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return null;
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, "\ufffc");
  return BEGUN.exec(before)?.[1] ?? null;
}

async function findTitles(url, words) {
  const answer = await fetch(`${url}?${new URLSearchParams({ format: "json", q: words })}`);
  if (!answer.ok) return [];
  const { suggestions } = await answer.json();
  const titles = suggestions.map(({ title }) => title);
  // A title with brackets cannot be named in a link.
  return [...new Set(titles)].filter((title) => !/[[\]]/.test(title));
}

export class LinkList {
  #chosen = 0;
  #words = null;
  #waiting = 0;
  #options = [];

  constructor({ url, label, id }) {
    this.url = url;
    this.id = id;
    this.root = element("ul", { class: "menu link-list", role: "listbox", id, "aria-label": label, hidden: "" });
  }

  plugin() {
    return $prose(
      () =>
        new Plugin({
          view: (view) => {
            view.dom.after(this.root);
            return { update: () => this.#follow(view), destroy: () => this.#stop() };
          },
          props: { handleDOMEvents: { blur: (view) => this.#close(view) } },
        }),
    );
  }

  // A handler for "keydown": true takes the key from the editor.
  onKey(view, event) {
    if (this.root.hidden || event.isComposing) return false;
    const acts = {
      ArrowDown: () => this.#choose(view, this.#chosen + 1),
      ArrowUp: () => this.#choose(view, this.#chosen - 1),
      Enter: () => this.#take(view, this.#options[this.#chosen].textContent),
      Escape: () => this.#close(view),
    };
    const act = acts[event.key];
    if (!act) return false;
    event.preventDefault();
    act();
    return true;
  }

  #follow(view) {
    const words = begunLink(view.state);
    if (words === this.#words) return;
    this.#words = words;
    clearTimeout(this.#waiting);
    if (words === null) this.#close(view);
    else this.#waiting = setTimeout(() => this.#search(view, words), WAIT_MS);
  }

  async #search(view, words) {
    const titles = await findTitles(this.url, words).catch(() => []);
    if (words !== this.#words || !view.hasFocus()) return;
    if (titles.length) this.#open(view, titles);
    else this.#close(view);
  }

  #open(view, titles) {
    this.#options = titles.map((title, index) => {
      const option = element("li", { role: "option", id: `${this.id}-${index}` }, title);
      // The press must not take the focus out of the text.
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => this.#take(view, title));
      return option;
    });
    this.root.replaceChildren(...this.#options);
    this.root.hidden = false;
    this.#place(view);
    view.dom.removeAttribute("aria-multiline");
    const open = { role: "combobox", "aria-expanded": "true", "aria-controls": this.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(open)) view.dom.setAttribute(name, value);
    this.#choose(view, 0);
  }

  #place(view) {
    const at = view.coordsAtPos(view.state.selection.from);
    const frame = view.dom.parentElement.getBoundingClientRect();
    const left = Math.min(at.left - frame.left, frame.width - this.root.offsetWidth);
    this.root.style.left = `${Math.max(0, left)}px`;
    this.root.style.top = `${at.bottom - frame.top + 4}px`;
  }

  #choose(view, index) {
    this.#chosen = (index + this.#options.length) % this.#options.length;
    for (const [number, option] of this.#options.entries()) {
      option.setAttribute("aria-selected", String(number === this.#chosen));
    }
    view.dom.setAttribute("aria-activedescendant", this.#options[this.#chosen].id);
  }

  #take(view, title) {
    const { state } = view;
    const { from, $from } = state.selection;
    const after = $from.parent.textBetween($from.parentOffset, $from.parent.content.size, undefined, "\ufffc");
    const closing = after.startsWith("]]") ? "" : "]]";
    view.dispatch(state.tr.insertText(title + closing, from - this.#words.length, from));
    this.#close(view);
  }

  #close(view) {
    if (this.root.hidden) return;
    this.root.hidden = true;
    for (const name of ["aria-expanded", "aria-controls", "aria-autocomplete", "aria-activedescendant"]) {
      view.dom.removeAttribute(name);
    }
    for (const [name, value] of Object.entries(CLOSED)) view.dom.setAttribute(name, value);
  }

  #stop() {
    clearTimeout(this.#waiting);
    this.root.remove();
  }
}
