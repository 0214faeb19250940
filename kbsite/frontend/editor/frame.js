// The bar above the text and the three views: page (rich), Markdown, preview.
// Any failure ends in the Markdown view: the plain textarea with its text untouched.

import { keepChoice, readChoice } from "../js/store.js";
import { showToast } from "../js/toast.js";
import { csrfToken } from "./csrf.js";
import { element } from "./element.js";
import { Unfaithful } from "./keep.js";
import { UploadList } from "./uploads.js";

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
    this.uploads = new UploadList({
      textarea,
      words: this.words,
      takeOut: (markdown) => this.#takeOut(markdown),
    });
  }

  async start() {
    this.textarea.before(this.bar, this.uploads.root);
    this.textarea.after(this.richRoot, this.preview);
    this.#collectBeforeLeaving();
    for (const type of ["paste", "drop"]) {
      this.textarea.addEventListener(type, (event) => this.#onFiles(event));
    }
    const wanted = readChoice("editor") === "source" ? "source" : "rich";
    await this.show(wanted);
  }

  // The rich editor reports changes a moment late. Whoever reads the form, be it the
  // question before leaving or a browser that keeps forms, must find the last word.
  #collectBeforeLeaving() {
    const collect = () => this.#collect();
    this.textarea.form?.addEventListener("submit", collect, { capture: true });
    this.textarea.form?.addEventListener("formdata", ({ formData }) => {
      this.#collect();
      formData.set(this.textarea.name, this.textarea.value);
    });
    addEventListener("pagehide", collect);
    document.addEventListener("visibilitychange", collect);
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
    const hint = element("span", { class: "push small quiet keys-hint", id: this.#keysId }, this.words.keys ?? "");
    bar.append(hint);
    return bar;
  }

  get #keysId() {
    return `${this.textarea.id}-keys`;
  }

  // What a screen reader says of the text: how to leave it, and what is wrong with it.
  get #description() {
    return [this.#keysId, this.textarea.getAttribute("aria-describedby")].filter(Boolean).join(" ");
  }

  #views() {
    return this.textarea.dataset.previewUrl ? ["rich", "source", "preview"] : ["rich", "source"];
  }

  #makeFileButton() {
    const input = element("input", { type: "file", multiple: "", class: "sr", tabindex: "-1", "aria-hidden": "true" });
    const button = element("button", { type: "button", class: "btn btn-s" }, this.words.file ?? "");
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      await this.#insertFiles(files);
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
        id: this.textarea.id,
        label: this.textarea.labels?.[0]?.textContent.trim() ?? this.words.rich,
        words: this.words,
        description: this.#description,
        upload: (files) => this.uploads.add(files),
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
    this.#changed();
  }

  #onFiles(event) {
    const data = event.clipboardData ?? event.dataTransfer;
    // A table copied from a spreadsheet brings a picture of itself along: keep the text.
    if (!this.textarea.dataset.uploadUrl || !data?.files.length) return;
    if (event.type === "paste" && data.getData("text/plain")) return;
    event.preventDefault();
    // The list of a paste or drop is emptied when its event is over.
    this.#insertFiles([...data.files]);
  }

  async #insertFiles(files) {
    const texts = await this.uploads.add(files);
    if (texts.length) this.#insert(texts);
  }

  // One file goes into the line, as a word does; several become paragraphs below it.
  #insert(texts) {
    if (this.#rich) {
      this.#rich.insert(texts);
      return;
    }
    if (texts.length > 1) this.#insertBelow(texts);
    else {
      const { selectionStart, selectionEnd } = this.textarea;
      this.textarea.setRangeText(texts[0], selectionStart, selectionEnd, "end");
    }
    this.#changed();
  }

  #insertBelow(texts) {
    const { selectionEnd, value } = this.textarea;
    const blockEnd = value.indexOf("\n\n", selectionEnd);
    const place = blockEnd < 0 ? Math.max(selectionEnd, value.trimEnd().length) : blockEnd;
    const before = value.slice(0, place).trim() ? "\n\n" : "";
    this.textarea.setRangeText(before + texts.join("\n\n"), place, place, "end");
  }

  #takeOut(markdown) {
    if (this.#rich) {
      this.#rich.takeOut(markdown);
      return;
    }
    const start = this.textarea.value.indexOf(markdown);
    if (start < 0) return;
    this.textarea.setRangeText("", start, start + markdown.length, "end");
    this.#changed();
  }

  #changed() {
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
