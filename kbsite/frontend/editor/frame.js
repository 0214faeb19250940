// The bar above the text and the three views: page (rich), Markdown, preview.
// Any failure ends in the Markdown view: the plain textarea with its text untouched.

import { keepChoice, readChoice } from "../js/store.js";
import { showToast } from "../js/toast.js";
import { csrfToken } from "./csrf.js";
import { Unfaithful } from "./keep.js";
import { uploadFile } from "./upload.js";

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export class EditorFrame {
  #rich = null;
  #shown = "";
  #showing = Promise.resolve();

  constructor(textarea) {
    this.textarea = textarea;
    this.words = textarea.closest("[data-editor-words]")?.dataset ?? {};
    this.richRoot = element("div", { class: "editor-rich", hidden: "" });
    this.preview = element("div", { class: "editor-preview prose", hidden: "", tabindex: "0" });
    this.bar = this.#makeBar();
  }

  async start() {
    this.textarea.before(this.bar);
    this.textarea.after(this.richRoot, this.preview);
    this.textarea.form?.addEventListener("submit", () => this.#collect(), { capture: true });
    for (const type of ["paste", "drop"]) {
      this.textarea.addEventListener(type, (event) => this.#onFiles(event));
    }
    const wanted = readChoice("editor") === "source" ? "source" : "rich";
    await this.show(wanted);
  }

  #makeBar() {
    const views = element("span", { class: "seg", role: "group", "aria-label": this.words.views ?? "" });
    this.buttons = {};
    for (const view of this.#views()) {
      const button = element("button", { type: "button" }, this.words[view] ?? view);
      button.addEventListener("click", () => this.#choose(view));
      this.buttons[view] = button;
      views.append(button);
    }
    const bar = element("div", { class: "editor-bar" }, views);
    if (this.textarea.dataset.uploadUrl) bar.append(this.#makeFileButton());
    bar.append(element("span", { class: "push small quiet keys-hint" }, this.words.hint ?? ""));
    return bar;
  }

  #views() {
    return this.textarea.dataset.previewUrl ? ["rich", "source", "preview"] : ["rich", "source"];
  }

  #makeFileButton() {
    const input = element("input", { type: "file", multiple: "", class: "sr", tabindex: "-1", "aria-hidden": "true" });
    const button = element("button", { type: "button", class: "btn btn-s" }, this.words.file ?? "");
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      await this.#insertFiles(input.files);
      input.value = "";
    });
    return element("span", {}, button, input);
  }

  #choose(view) {
    if (view !== "preview") keepChoice("editor", view);
    return this.show(view);
  }

  // Show a view; one change of view waits for the one before it.
  show(view) {
    this.#showing = this.#showing.then(() => this.#change(view));
    return this.#showing;
  }

  // The text is carried over through the textarea.
  async #change(view) {
    if (view === this.#shown && view !== "preview") return;
    await this.#leaveRich();
    let shown = view;
    if (view === "rich" && !(await this.#enterRich())) shown = "source";
    if (view === "preview" && !(await this.#enterPreview())) shown = "source";
    this.#shown = shown;
    this.textarea.hidden = shown !== "source";
    this.richRoot.hidden = shown !== "rich";
    this.preview.hidden = shown !== "preview";
    for (const [name, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-pressed", String(name === shown));
    }
  }

  async #enterRich() {
    let rich = null;
    try {
      const { RichView } = await import("./rich.js");
      const source = this.textarea.value;
      rich = new RichView({
        root: this.richRoot,
        source,
        label: this.textarea.labels?.[0]?.textContent.trim() ?? this.words.rich,
        words: this.words,
        upload: (file) => this.#upload(file),
        onChange: () => this.#collect(),
      });
      await rich.start();
      if (this.textarea.value !== source) return await this.#giveUp(rich);
      this.#rich = rich;
      return true;
    } catch (error) {
      console.info("Shown as Markdown:", error.message);
      await this.#giveUp(rich);
      const kept = error instanceof Unfaithful;
      showToast((kept ? this.words.sourceOnly : this.words.richFailed) ?? "", kept ? "" : "bad");
      return false;
    }
  }

  // Also when somebody began to write in the Markdown view before this one was ready.
  async #giveUp(rich) {
    await rich?.stop();
    this.richRoot.replaceChildren();
    return false;
  }

  async #leaveRich() {
    if (!this.#rich) return;
    this.#collect();
    const rich = this.#rich;
    this.#rich = null;
    await rich.stop();
    this.richRoot.replaceChildren();
  }

  async #enterPreview() {
    try {
      const answer = await fetch(this.textarea.dataset.previewUrl, {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken(this.textarea) },
        body: new URLSearchParams({ body: this.textarea.value }),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      this.preview.innerHTML = await answer.text();
      return true;
    } catch {
      showToast(this.words.previewFailed ?? "", "bad");
      return false;
    }
  }

  // Bring the rich text into the textarea, only if the writer changed it.
  #collect() {
    if (!this.#rich) return;
    const text = this.#rich.markdown;
    if (text === this.textarea.value) return;
    this.textarea.value = text;
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #onFiles(event) {
    const data = event.clipboardData ?? event.dataTransfer;
    // A table copied from a spreadsheet brings a picture of itself along: keep the text.
    if (!this.textarea.dataset.uploadUrl || !data?.files.length) return;
    if (event.type === "paste" && data.getData("text/plain")) return;
    event.preventDefault();
    this.#insertFiles(data.files);
  }

  async #insertFiles(files) {
    for (const file of [...files]) {
      const markdown = await this.#upload(file);
      if (markdown) this.#insert(markdown);
    }
  }

  #insert(markdown) {
    if (this.#rich) {
      this.#rich.insert(markdown);
      return;
    }
    const { selectionStart, selectionEnd } = this.textarea;
    this.textarea.setRangeText(markdown, selectionStart, selectionEnd, "end");
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async #upload(file) {
    try {
      return await uploadFile(file, this.textarea);
    } catch (error) {
      showToast(`${this.words.uploadFailed ?? ""} ${file.name}. ${error.message}`, "bad");
      return null;
    }
  }
}
