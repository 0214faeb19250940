// The rich view: Milkdown's Crepe with the few features that Markdown can hold.

import { CrepeBuilder } from "@milkdown/crepe/builder";
import { blockEdit } from "@milkdown/crepe/feature/block-edit";
import { linkTooltip } from "@milkdown/crepe/feature/link-tooltip";
import { placeholder } from "@milkdown/crepe/feature/placeholder";
import { table } from "@milkdown/crepe/feature/table";
import { toolbar } from "@milkdown/crepe/feature/toolbar";
import {
  editorViewCtx,
  editorViewOptionsCtx,
  parserCtx,
  remarkCtx,
  remarkStringifyOptionsCtx,
  serializerCtx,
} from "@milkdown/kit/core";
import { uploadConfig } from "@milkdown/kit/plugin/upload";
import { remarkPreserveEmptyLinePlugin } from "@milkdown/kit/preset/commonmark";
import { Fragment } from "@milkdown/kit/prose/model";
import { Decoration } from "@milkdown/kit/prose/view";
import { $remark } from "@milkdown/kit/utils";

import { giveImagesTitles, needsSource, stringifyOptions } from "./grammar.js";
import { tableIcons } from "./icons.js";
import { SourceKeeper, Unfaithful } from "./keep.js";
import { taskItems } from "./tasks.js";

function blockMenu(words) {
  return {
    textGroup: {
      label: words.menuText,
      text: { label: words.menuParagraph },
      h1: null,
      h2: { label: words.menuHeading2 },
      h3: { label: words.menuHeading3 },
      h4: { label: words.menuHeading4 },
      h5: null,
      h6: null,
      quote: { label: words.menuQuote },
      divider: { label: words.menuDivider },
    },
    listGroup: {
      label: words.menuLists,
      bulletList: { label: words.menuBullets },
      orderedList: { label: words.menuNumbers },
      taskList: { label: words.menuTasks },
    },
    advancedGroup: {
      label: words.menuMore,
      image: null,
      codeBlock: { label: words.menuCode },
      table: { label: words.menuTable },
      math: null,
    },
  };
}

function toolbarWords(words) {
  return {
    boldLabel: words.bold,
    italicLabel: words.italic,
    strikethroughLabel: words.strike,
    codeLabel: words.code,
    linkLabel: words.link,
  };
}

// Uploaded files arrive as Markdown; what stands in its first paragraph goes inline.
function inlineContent(ctx, markdown) {
  return ctx.get(parserCtx)(markdown).firstChild?.content ?? Fragment.empty;
}

function waitingWidget(text) {
  return (position, spec) => {
    const mark = document.createElement("span");
    mark.className = "quiet small";
    mark.textContent = text;
    return Decoration.widget(position, mark, spec);
  };
}

export class RichView {
  #builder;
  #keeper;
  #source;

  // `upload(file)` gives Markdown, or null when it failed and said so itself.
  constructor({ root, source, label, words, upload, onChange }) {
    if (needsSource(source)) throw new Unfaithful("a block of our own grammar");
    this.#source = source;
    this.#builder = new CrepeBuilder({ root, defaultValue: source })
      .addFeature(toolbar, toolbarWords(words))
      .addFeature(blockEdit, blockMenu(words))
      .addFeature(linkTooltip, { inputPlaceholder: words.linkAddress })
      .addFeature(table, tableIcons(words))
      .addFeature(placeholder, { text: words.placeholder, mode: "block" });
    this.#builder.editor.config((ctx) => {
      ctx.update(remarkStringifyOptionsCtx, stringifyOptions);
      ctx.update(editorViewOptionsCtx, (options) => ({
        ...options,
        attributes: {
          class: "prose",
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": label,
        },
      }));
      ctx.update(uploadConfig.key, (config) => ({
        ...config,
        uploadWidgetFactory: waitingWidget(words.uploading),
        uploader: async (files) => {
          const texts = await Promise.all([...files].map(upload));
          const nodes = texts.filter(Boolean).map((text) => inlineContent(ctx, text));
          return nodes.reduce((all, content) => all.append(content), Fragment.empty);
        },
      }));
    });
    this.#builder.editor
      .use($remark("imageTitles", () => giveImagesTitles))
      .use(taskItems(words.done ?? ""));
    this.#builder.on((listener) => listener.updated(onChange));
  }

  // Throws Unfaithful when this text is safer in the source view.
  async start() {
    // It would write <br /> for an empty table cell.
    await this.#builder.editor.remove(remarkPreserveEmptyLinePlugin);
    await this.#builder.create();
    this.#builder.editor.action((ctx) => {
      const remark = ctx.get(remarkCtx);
      const tree = remark.runSync(remark.parse(this.#source), this.#source);
      const { doc, schema } = ctx.get(editorViewCtx).state;
      const write = (nodes) => ctx.get(serializerCtx)(schema.topNodeType.create(null, nodes));
      this.#keeper = new SourceKeeper(this.#source, tree, doc, write);
    });
  }

  get markdown() {
    return this.#builder.editor.action((ctx) =>
      this.#keeper.text(ctx.get(editorViewCtx).state.doc),
    );
  }

  insert(markdown) {
    this.#builder.editor.action((ctx) => {
      const view = ctx.get(editorViewCtx);
      const { from, to } = view.state.selection;
      view.dispatch(view.state.tr.replaceWith(from, to, inlineContent(ctx, markdown)));
      view.focus();
    });
  }

  focus() {
    this.#builder.editor.action((ctx) => ctx.get(editorViewCtx).focus());
  }

  async stop() {
    await this.#builder.destroy();
  }
}
