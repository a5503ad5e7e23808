"use strict";

// What both pages share. Everything that is shown is a text node: no text of a server, a label or a comment is ever read as markup.

const data = JSON.parse(document.getElementById("data").textContent);

// Control, format and line separating characters are made visible; joiners stay, with which names and emoji are written.
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function visible(text) {
  return String(text).replace(unseen, "\ufffd");
}

/** Makes an element. Properties become attributes, functions listeners, everything else children. */
function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (typeof value === "function") {
      element.addEventListener(key, value);
    } else if (value === true) {
      element.setAttribute(key, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, String(value));
    }
  }

  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
    }
  }
}

/** A text from somewhere else: its direction of writing ends with it. Long ones can be opened. */
function foreign(text, kind) {
  const whole = text === null || text === undefined ? "" : String(text);
  const shown = make("bdi", { class: kind }, whole.length > 300 ? whole.slice(0, 300) + "…" : whole);
  if (whole.length > 300) {
    shown.title = visible(whole.slice(0, 2000));
  }

  return shown;
}

function count(number, one, many) {
  return number.toLocaleString("en-US") + " " + (number === 1 ? one : many || one + "s");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function day(time) {
  if (!time) {
    return "unknown";
  }

  const date = new Date(time);
  return String(date.getUTCDate()) + " " + months[date.getUTCMonth()] + " " + date.getUTCFullYear();
}

function moment(time) {
  return time ? day(time) + " " + new Date(time).toISOString().slice(11, 16) + " UTC" : "not read";
}

function runFacts(run) {
  return [
    moment(run.endedAt || run.startedAt),
    run.account + " on " + run.computer,
    run.module ? "module " + run.module : null,
    run.reason ? "reason: " + run.reason : null,
  ].filter(Boolean);
}

function facts(texts) {
  return make("p", { class: "facts" }, texts.map((text) => make("span", {}, foreign(text))));
}

function serverName(server) {
  return server.name || "server " + server.id;
}

/** Puts a text on the clipboard, and says so. */
function copyButton(text, label) {
  return make("button", {
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
  }, "Copy");
}

const formulaStart = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]|^[\t\r]/;

/** A table as the CSV report has it: with a byte order mark, and nothing that a spreadsheet takes for a formula. */
function csvOf(headers, rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return '"' + (typeof value === "string" && formulaStart.test(text) ? "'" + text : text).replace(/"/g, '""') + '"';
  };
  return "\ufeff" + [headers, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = make("a", { download: name });
  link.href = address;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
