// List items in plain HTML; a task carries a real check box that keyboard and screen
// reader know.

import { listItemSchema } from "@milkdown/kit/preset/commonmark";
import { $view } from "@milkdown/kit/utils";

function plainItem() {
  const dom = document.createElement("li");
  return { dom, contentDOM: dom, update: null };
}

function taskItem(node, view, getPos, label) {
  const dom = document.createElement("li");
  dom.className = "task-list-item";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.contentEditable = "false";
  box.checked = node.attrs.checked;
  box.setAttribute("aria-label", label);
  const contentDOM = document.createElement("div");
  dom.append(box, contentDOM);
  box.addEventListener("change", () => {
    view.dispatch(view.state.tr.setNodeAttribute(getPos(), "checked", box.checked));
  });
  const update = (next) => {
    box.checked = next.attrs.checked;
  };
  return { dom, contentDOM, update };
}

export function taskItems(label) {
  return $view(listItemSchema.node, () => (node, view, getPos) => {
    const isTask = node.attrs.checked != null;
    const item = isTask ? taskItem(node, view, getPos, label) : plainItem();
    return {
      dom: item.dom,
      contentDOM: item.contentDOM,
      update: (next) => {
        if (next.type !== node.type || (next.attrs.checked != null) !== isTask) return false;
        item.update?.(next);
        return true;
      },
      stopEvent: (event) => event.target instanceof HTMLInputElement,
      ignoreMutation: (mutation) => mutation.target === item.dom && mutation.type === "attributes",
    };
  });
}
