"use strict";

// What every page is made with. Everything that is shown is a text node: no text of a server, a label or a comment is ever read as markup.

const data = JSON.parse(document.getElementById("data").textContent);

// Control, format and line separating characters are made visible; joiners stay, with which names and emoji are written.
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
    }
  }
}

const longest = 200;

/** A text from somewhere else: its direction of writing ends with it, and a long one is cut. */
function foreign(text, kind) {
  const whole = text === null || text === undefined ? "" : String(text);
  return make("bdi", { class: kind }, whole.length > longest ? `${whole.slice(0, longest)}…` : whole);
}

/** The same where it stands by itself: a long one can be opened. */
function whole(text, kind) {
  const given = text === null || text === undefined ? "" : String(text);
  const short = foreign(given, kind);
  if (given.length <= longest) {
    return short;
  }

  const button = make(
    "button",
    {
      type: "button",
      class: "link",
      click: () => {
        short.textContent = visible(given);
        button.remove();
      },
    },
    `Show all ${given.length.toLocaleString("en-US")} characters`,
  );
  return [short, " ", button];
}
