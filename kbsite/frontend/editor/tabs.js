// The tab key in the rich view: it works on lists, tables and code, and leaves any
// other text. After Escape it leaves from everywhere (WCAG 2.1.2, no keyboard trap).

import { $shortcut } from "@milkdown/kit/utils";

const HELD_KEYS = ["Shift", "Control", "Alt", "Meta"];
const USES_TAB = ["list_item", "table_cell", "table_header"];
const STOPS = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]";
const INDENT = "    ";

function ancestors($place) {
  return Array.from({ length: $place.depth }, (_, index) => $place.node(index + 1));
}

function isInCode({ selection }) {
  return Boolean(selection.$from.parent.type.spec.code);
}

function isInList({ selection }) {
  return ancestors(selection.$from).some((node) => node.type.name === "list_item");
}

function usesTab({ selection }) {
  const names = ancestors(selection.$from).map((node) => node.type.name);
  return isInCode({ selection }) || names.some((name) => USES_TAB.includes(name));
}

// The nearest stop of the tab key outside the editor: tables bring buttons of their own
// that stand inside it.
function stopOutside(view, backwards) {
  const root = view.dom.closest(".milkdown") ?? view.dom;
  const side = backwards ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
  const stops = [...document.querySelectorAll(STOPS)].filter(
    (stop) =>
      stop.tabIndex >= 0 &&
      stop.getClientRects().length > 0 &&
      !root.contains(stop) &&
      root.compareDocumentPosition(stop) & side,
  );
  return backwards ? stops.at(-1) : stops[0];
}

// A handler for "keydown": true takes the key from the editor.
export function leavingByTab() {
  let escaped = false;
  return (view, event) => {
    if (event.key !== "Tab") {
      if (!HELD_KEYS.includes(event.key)) escaped = event.key === "Escape";
      return false;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const next = escaped && stopOutside(view, event.shiftKey);
    escaped = false;
    if (next) {
      event.preventDefault();
      next.focus();
      return true;
    }
    // On a button or box inside the text, too, the browser moves the focus.
    return document.activeElement !== view.dom || !usesTab(view.state);
  };
}

// Comes after the keys of lists and tables. In an item that cannot go deeper, the key
// does nothing: leaving the text there would surprise.
export const tabInText = $shortcut(() => ({
  Tab: (state, dispatch) => {
    if (!isInCode(state)) return isInList(state);
    dispatch?.(state.tr.insertText(INDENT));
    return true;
  },
}));
