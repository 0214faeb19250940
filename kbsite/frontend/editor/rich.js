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
import { indentPlugin } from "@milkdown/kit/plugin/indent";
import { uploadConfig } from "@milkdown/kit/plugin/upload";
import { remarkPreserveEmptyLinePlugin } from "@milkdown/kit/preset/commonmark";
import { Fragment } from "@milkdown/kit/prose/model";
import { Decoration } from "@milkdown/kit/prose/view";
import { $remark } from "@milkdown/kit/utils";

import { LinkList } from "./complete.js";
import { giveImagesTitles, needsSource, stringifyOptions } from "./grammar.js";
import { tableIcons } from "./icons.js";
import { SourceKeeper, Unfaithful } from "./keep.js";
import { leavingByTab, tabInText } from "./tabs.js";
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

// Uploaded files arrive as Markdown. A single one goes inline; several become
// paragraphs, or they would stick together.
function uploadedContent(ctx, texts) {
  const doc = ctx.get(parserCtx)(texts.join("\n\n"));
  if (texts.length > 1) return doc.content;
  return doc.firstChild?.content ?? Fragment.empty;
}

// Several files stand below the block that holds a position, so that they split no word.
function placeFor(doc, position, count) {
  const place = doc.resolve(position);
  return count > 1 && place.depth ? place.after(place.depth) : position;
}

function filesOf(event) {
  return (event.clipboardData ?? event.dataTransfer)?.files ?? [];
}

// Where the node of an uploaded file stands, or null when the writer removed it.
function findUploaded(ctx, doc, markdown) {
  const wanted = uploadedContent(ctx, [markdown]).firstChild;
  let found = null;
  doc.descendants((node, position) => {
    if (!found && wanted?.eq(node)) found = { from: position, to: position + node.nodeSize };
    return !found;
  });
  return found;
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

  // `upload(files)` gives the Markdown of those that arrived; it says itself what failed.
  constructor({ root, source, id, label, description, words, upload, onChange }) {
    if (needsSource(source)) throw new Unfaithful("a block of our own grammar");
    this.#source = source;
    const links = new LinkList({ url: words.suggestUrl, label: words.links, id: `${id}-links` });
    const leaves = leavingByTab();
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
          "aria-describedby": description,
        },
        handleDOMEvents: {
          keydown: (view, event) => links.onKey(view, event) || leaves(view, event),
        },
      }));
      ctx.update(uploadConfig.key, (config) => ({
        ...config,
        uploadWidgetFactory: waitingWidget(words.uploading),
        getInsertPos: (event, _ctx, position) =>
          placeFor(ctx.get(editorViewCtx).state.doc, position, filesOf(event).length),
        uploader: async (files) => uploadedContent(ctx, await upload([...files])),
      }));
    });
    this.#builder.editor
      .use($remark("imageTitles", () => giveImagesTitles))
      .use(taskItems(words.done ?? ""))
      .use(tabInText)
      .use(links.plugin());
    this.#builder.on((listener) => listener.updated(onChange));
  }

  // Throws Unfaithful when this text is safer in the source view.
  async start() {
    // It would write <br /> for an empty table cell.
    await this.#builder.editor.remove(remarkPreserveEmptyLinePlugin);
    // It would catch the tab key everywhere.
    await this.#builder.editor.remove(indentPlugin);
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

  insert(texts) {
    this.#builder.editor.action((ctx) => {
      const view = ctx.get(editorViewCtx);
      const { doc, selection, tr } = view.state;
      const content = uploadedContent(ctx, texts);
      if (texts.length > 1) tr.insert(placeFor(doc, selection.to, texts.length), content);
      else tr.replaceWith(selection.from, selection.to, content);
      view.dispatch(tr);
      view.focus();
    });
  }

  takeOut(markdown) {
    this.#builder.editor.action((ctx) => {
      const view = ctx.get(editorViewCtx);
      const place = findUploaded(ctx, view.state.doc, markdown);
      if (place) view.dispatch(view.state.tr.delete(place.from, place.to));
    });
  }

  focus() {
    this.#builder.editor.action((ctx) => ctx.get(editorViewCtx).focus());
  }

  async stop() {
    await this.#builder.destroy();
  }
}
