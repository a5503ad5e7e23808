// What shows much only when somebody wants it, and the parts with which a reader takes something along.

const chunk = 100;

/** More rows than a window shows: a view whose first rows are these is painted sooner, and has the others a moment later. */
const firstRows = 30;

/** A table whose rows come by the hundred, so that thousands of them cost nothing before somebody wants them. */
function table(caption, heads, rows, cellsOf, atOnce = chunk) {
  // On a phone each row is a block, which takes a table's meaning away; so the roles are said.
  const body = make("tbody", { role: "rowgroup" });
  const titles = heads.map((head) => (head instanceof Node ? head : make("th", { scope: "col", role: "columnheader" }, head)));
  const holder = make(
    "div",
    {},
    make(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": visible(caption) },
      make(
        "table",
        { role: "table" },
        make("caption", { class: "hidden" }, foreign(caption)),
        make("thead", { role: "rowgroup", class: heads[0] instanceof Node ? "sorts" : null }, make("tr", { role: "row" }, titles)),
        body,
      ),
    ),
  );
  const names = titles.map((title) => title.textContent);
  const label = (cells) =>
    cells.map((cell, place) => {
      cell.setAttribute("role", "cell");
      cell.setAttribute("data-label", names[place]);
      return cell;
    });
  more(rows, (row) => body.append(make("tr", { role: "row" }, label(cellsOf(row)))), holder, atOnce);
  return holder;
}

/** Runs something once the browser has painted what is there now. */
function afterPaint(work) {
  requestAnimationFrame(() => setTimeout(work));
}

/** Shows a first part, and a button for the next. Of the first part only so many are shown at once, the others when these are painted. */
function more(rows, show, holder, atOnce = chunk) {
  let shown = 0;
  const button = make("button", {
    type: "button",
    class: "more screen-only",
    click: () => {
      next();
    },
  });
  const rest = make("p", { class: "print-only" });
  const next = (howMany = chunk) => {
    const end = Math.min(shown + howMany, rows.length);
    for (; shown < end; shown++) {
      show(rows[shown]);
    }

    if (shown < rows.length && shown < chunk) {
      afterPaint(() => holder.isConnected && next(chunk - shown));
    } else if (shown < rows.length) {
      button.textContent = `Show ${Math.min(chunk, rows.length - shown)} more of ${(rows.length - shown).toLocaleString("en-US")}`;
      rest.textContent = `and ${(rows.length - shown).toLocaleString("en-US")} more, which the .json and .csv reports have`;
      holder.append(button, rest);
    } else {
      button.remove();
      rest.remove();
    }
  };
  holder.showAll = () => next(rows.length);
  holder.classList.add("parted");
  next(atOnce);
}

/** Fills what can be opened when it is opened, and not before. */
function onceOpen(details, fill) {
  let isFilled = false;
  const open = () => {
    if (!isFilled) {
      isFilled = true;
      details.append(fill());
    }
  };
  details.addEventListener("toggle", () => details.open && open());
  details.fill = open;
}

/** Puts a text on the clipboard, and says so. */
function copyButton(text, label) {
  return make(
    "button",
    {
      type: "button",
      "aria-label": label,
      click: async (event) => {
        const button = event.currentTarget;
        let done = true;
        try {
          await navigator.clipboard.writeText(text);
        } catch {
          const field = make("textarea", { "aria-hidden": "true" });
          field.value = text;
          document.body.append(field);
          field.select();
          done = document.execCommand("copy");
          field.remove();
          button.focus();
        }

        button.textContent = done ? "Copied" : "Not copied";
        setTimeout(() => {
          button.textContent = "Copy";
        }, 1500);
      },
    },
    "Copy",
  );
}

/** A text to paste somewhere, with a button that copies it. */
function command(before, text, label) {
  return make("div", { class: "advice" }, make("span", {}, before, make("code", { class: "mono" }, text)), copyButton(text, label));
}
