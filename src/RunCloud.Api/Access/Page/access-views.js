// The three views: their columns, their cells, and what a server opens to.

const views = {
  keys: {
    label: "Keys",
    rows: keyRows,
    one: "key",
    columns: [
      ["person", "Person", (row) => row.who],
      ["type", "Type", (row) => row.key.what, "short"],
      ["fingerprint", "Fingerprint", (row) => row.key.fingerprint, "fingerprint"],
      ["servers", "Servers", (row) => row.servers],
      ["root", "Root on", (row) => row.roots],
      ["users", "Users", (row) => [...row.users].sort().join(", ")],
      ["oldest", "Oldest", (row) => row.oldest, "day"],
      ["findings", "Findings", (row) => row.key.findings],
    ],
    first: ["servers", true],
  },
  people: {
    label: "People",
    rows: personRows,
    one: "person",
    many: "people",
    columns: [
      ["person", "Person", (row) => row.who],
      ["keys", "Keys", (row) => row.keys.size],
      ["servers", "Servers", (row) => row.servers],
      ["root", "Root on", (row) => row.roots],
    ],
    first: ["servers", true],
  },
  servers: {
    label: "Servers",
    rows: serverRows,
    total: data.servers.length,
    one: "server",
    columns: [
      ["server", "Server", (row) => serverName(row.server), "server"],
      ["state", "State", (row) => stateOf(row.server)],
      ["rootlogin", "Root login", (row) => yesNo(row.server.preventRootLogin, "closed", "open")],
      ["passwords", "Passwords", (row) => yesNo(row.server.passwordlessLogin, "refused", "accepted")],
      ["keys", "Keys", (row) => row.keys.size],
      ["rootkeys", "Root keys", (row) => row.roots.size],
      ["readat", "Read at", (row) => row.server.readAt || "", "moment"],
      ["findings", "Findings", (row) => row.server.findings],
    ],
    first: ["server", false],
  },
};

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function sorted(view, rows) {
  const [name, down] = view.columns.some((column) => column[0] === state.sort) ? [state.sort, state.down] : view.first;
  const read = view.columns.find((column) => column[0] === name)[2];
  const values = new Map(rows.map((row) => [row, read(row)]));
  const compare = (a, b) => {
    const x = values.get(a);
    const y = values.get(b);
    return typeof x === "number" ? x - y : collator.compare(x || "", y || "");
  };
  return { name, down, rows: rows.sort((a, b) => (down ? -compare(a, b) : compare(a, b))) };
}

function cell(column, row, body) {
  const value = column[2](row);
  const kind = column[3];
  if (kind === "day") {
    return make("td", {}, make("span", { class: "short" }, value ? day(value) : "unknown"));
  }

  if (kind === "moment") {
    return make("td", {}, row.server.error ? make("span", { class: "chip s-high" }, "not read") : moment(value));
  }

  if (kind === "server") {
    return make("td", {}, opener(row, body));
  }

  return typeof value === "number"
    ? make("td", { class: "number" }, value.toLocaleString("en-US"))
    : make("td", { class: kind === "fingerprint" ? "wide" : null }, whole(value, kind));
}

/** The name of a server, which opens to its entries. */
function opener(row) {
  return make(
    "button",
    {
      type: "button",
      class: "link",
      "aria-expanded": "false",
      click: (event) => {
        const line = event.currentTarget.closest("tr");
        const isOpen = event.currentTarget.getAttribute("aria-expanded") === "true";
        event.currentTarget.setAttribute("aria-expanded", String(!isOpen));
        if (isOpen) {
          line.nextElementSibling.remove();
          return;
        }

        line.after(
          make("tr", { role: "row", class: "details" }, make("td", { role: "cell", colspan: views.servers.columns.length }, serverDetails(row.server))),
        );
      },
    },
    foreign(serverName(row.server)),
  );
}

function serverDetails(server) {
  const own = entries.filter((entry) => entry.server === server);
  const head = make("p", { class: "soft" }, `id ${server.id}`, server.ipAddress ? [" · ", foreign(server.ipAddress)] : null);
  const problems = [server.error, server.settingsError].filter(Boolean).map((text) => make("p", { class: "band" }, foreign(text)));
  return make("div", {}, head, problems, own.length === 0 ? make("p", {}, "No keys are known here.") : entryTable(own, `Keys on ${serverName(server)}`));
}

function entryTable(list, caption) {
  const columns = ["User", "Label", "Person", "Type", "Fingerprint", "Added"];
  return table(caption, columns, list, (entry) => [
    make("td", {}, foreign(entry.credential.user || "unknown")),
    make("td", {}, whole(entry.credential.label)),
    make("td", {}, whole(entry.key.who)),
    make("td", {}, entry.key.what),
    make("td", {}, foreign(entry.key.fingerprint, "fingerprint")),
    make("td", {}, day(entry.credential.createdAt)),
  ]);
}

/** How many rows a view has without any filter. */
function totalOf(view) {
  view.total ??= view.rows(entries).length;
  return view.total;
}

function renderView() {
  const view = views[state.tab];
  const result = sorted(view, view.rows(matching()));
  const heads = view.columns.map((column) =>
    make(
      "th",
      {
        scope: "col",
        role: "columnheader",
        class: ["servers", "root", "findings", "keys", "rootkeys"].includes(column[0]) ? "number" : null,
        "aria-sort": column[0] === result.name ? (result.down ? "descending" : "ascending") : null,
      },
      make(
        "button",
        {
          type: "button",
          click: () => {
            state.down = column[0] === result.name ? !result.down : typeof column[2](result.rows[0] || sampleRow(state.tab)) === "number";
            state.sort = column[0];
            refresh();
            const heading = panel.querySelectorAll("th button")[view.columns.indexOf(column)];
            heading?.focus();
          },
        },
        column[1],
      ),
    ),
  );
  const panel = document.getElementById("panel");
  document.getElementById("count").textContent = `${result.rows.length.toLocaleString("en-US")} of ${count(totalOf(view), view.one, view.many)}`;
  panel.replaceChildren(
    result.rows.length === 0
      ? make("p", { class: "soft" }, "Nothing fits these filters.")
      : table(view.label, heads, result.rows, (row) => view.columns.map((column) => cell(column, row)), firstRows),
  );
  panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
  return { view, rows: result.rows };
}

function sampleRow(tab) {
  return tab === "servers"
    ? { server: {}, keys: new Set(), roots: new Set() }
    : { key: {}, who: "", keys: new Set(), servers: 0, roots: 0, users: new Set(), oldest: "" };
}
