// Loaded on editing pages only. Puts the editor's bar above every
// <textarea data-editor>; the textarea stays what the form sends.

import { EditorFrame } from "./editor/frame.js";

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  new EditorFrame(textarea).start();
}
