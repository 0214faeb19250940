// The files that are being added, one row each: name, progress or what went wrong, and
// a button that stops it or takes the file away again.

import { element } from "./element.js";
import { Cancelled, deleteFile, sendFile } from "./upload.js";

class Row {
  #stop = new AbortController();
  #sent = null;

  constructor(file, { textarea, words, takeOut }) {
    this.file = file;
    this.textarea = textarea;
    this.words = words;
    this.takeOut = takeOut;
    this.state = element("span", { class: "upload-state" }, words.uploadWaiting ?? "");
    this.progress = element("progress", { max: "1", value: "0", "aria-label": file.name });
    this.button = element("button", { type: "button", class: "btn btn-s btn-plain" });
    this.button.addEventListener("click", () => this.#remove());
    const name = element("strong", { class: "upload-name" }, file.name);
    this.root = element("li", { class: "upload" }, name, this.progress, this.state, this.button);
    this.#label(words.uploadCancel);
  }

  #label(word) {
    this.button.replaceChildren(word ?? "", element("span", { class: "sr" }, ` ${this.file.name}`));
  }

  #end(look, text) {
    this.progress.remove();
    this.root.classList.add(look);
    this.state.textContent = text;
    this.#label(this.words.uploadRemove);
  }

  // Gives the Markdown for the file, or null when it failed or was stopped.
  async send() {
    if (this.#stop.signal.aborted) return null;
    this.state.textContent = this.words.uploading ?? "";
    const onProgress = (part) => {
      this.progress.value = part;
    };
    try {
      this.#sent = await sendFile(this.file, this.textarea, { signal: this.#stop.signal, onProgress });
      this.#end("is-added", this.words.uploadAdded ?? "");
      return this.#sent.markdown;
    } catch (error) {
      if (!(error instanceof Cancelled)) {
        // The row names the file already.
        const reason = error.message.replace(`${this.file.name}: `, "");
        this.#end("is-failed", `${this.words.uploadFailed ?? ""} ${reason}`.trim());
      }
      return null;
    }
  }

  async #remove() {
    this.#stop.abort();
    if (this.#sent) {
      this.button.disabled = true;
      try {
        await deleteFile(this.#sent.url, this.textarea);
      } catch {
        this.button.disabled = false;
        this.state.textContent = this.words.uploadKept ?? "";
        return;
      }
      this.takeOut(this.#sent.markdown);
    }
    this.root.remove();
  }
}

export class UploadList {
  // `takeOut(markdown)` removes from the text what an upload put there.
  constructor({ textarea, words, takeOut }) {
    this.settings = { textarea, words, takeOut };
    this.root = element("ul", {
      class: "uploads",
      "aria-label": words.uploads ?? "",
      "aria-live": "polite",
    });
  }

  // One after the other, so that many large files do not slow each other down. Gives
  // the Markdown of those that arrived, in their order.
  async add(files) {
    const rows = [...files].map((file) => new Row(file, this.settings));
    this.root.append(...rows.map((row) => row.root));
    const texts = [];
    for (const row of rows) texts.push(await row.send());
    return texts.filter(Boolean);
  }
}
