// The page of an access audit: findings, and who can reach what by key, by person and by server.

const severities = ["Critical", "High", "Medium", "Low", "Info"];
const chunk = 100;
const state = { tab: "keys", q: "", root: false, offline: false, list: false, new: false, sort: "", down: false, hidden: new Set() };
const byId = new Map();
const entries = [];

/** Every entry with what the filters ask of it, made once. */
function index() {
  const isNew = new Set();
  const newServers = new Set();
  const perKey = new Map();
  const perServer = new Map();
  const more = (map, id) => map.set(id, (map.get(id) || 0) + 1);
  for (const finding of data.findings) {
    if (finding.rule === "NewSinceBaseline") {
      if (finding.credentialId === undefined) {
        newServers.add(finding.serverId);
      } else {
        isNew.add(finding.serverId + "/" + finding.credentialId);
      }
    }

    if (finding.key !== undefined) {
      more(perKey, finding.key);
    }

    if (finding.serverId !== undefined) {
      more(perServer, finding.serverId);
    }
  }

  data.keys.forEach((key, number) => {
    key.id = number;
    key.findings = perKey.get(number) || 0;
    key.who = (key.personSource === "comment" ? "says: " : "") + (key.person || "");
    key.what = (key.type || "unknown") + (key.bits ? " " + key.bits : "") + (key.certificateAuthority ? " (authority)" : "");
  });
  for (const server of data.servers) {
    byId.set(server.id, server);
    server.findings = perServer.get(server.id) || 0;
    server.text = (serverName(server) + " " + (server.ipAddress || "") + " " + server.id).toLowerCase();
    for (const credential of server.credentials) {
      const key = credential.key === undefined
        ? { id: server.id + "/" + credential.id, who: credential.label || "unknown", what: "unreadable", fingerprint: "", findings: 0, personSource: "label" }
        : data.keys[credential.key];
      entries.push({
        server,
        credential,
        key,
        root: credential.user === "root",
        offline: server.online !== true,
        list: data.hasList && key.allowed !== true,
        new: newServers.has(server.id) || isNew.has(server.id + "/" + credential.id),
        text: [server.text, credential.user, credential.label, credential.comment, key.who, key.fingerprint].join(" ").toLowerCase(),
      });
    }
  }
}

function matching() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) =>
    (!state.root || entry.root) && (!state.offline || entry.offline) && (!state.list || entry.list) && (!state.new || entry.new)
    && words.every((word) => entry.text.includes(word)));
}

/** Sums entries up by key, or by person. */
function summed(found, idOf, whoOf) {
  const rows = new Map();
  for (const { server, credential, key, root } of found) {
    const id = idOf(key);
    let row = rows.get(id);
    if (row === undefined) {
      row = { key, who: whoOf(key), keys: new Set(), servers: new Set(), roots: new Set(), users: new Set(), oldest: "" };
      rows.set(id, row);
    }

    row.keys.add(key.id);
    row.servers.add(server.id);
    row.users.add(credential.user || "unknown");
    if (root) {
      row.roots.add(server.id);
    }

    if (credential.createdAt && (row.oldest === "" || credential.createdAt < row.oldest)) {
      row.oldest = credential.createdAt;
    }
  }

  return [...rows.values()];
}

function keyRows(found) {
  return summed(found, (key) => key.id, (key) => key.who);
}

function personRows(found) {
  // Only what the admin's own list says makes one person of two keys.
  return summed(found, (key) => (key.personSource === "list" ? "p:" + key.person : "k:" + key.id), (key) => key.who);
}

function serverRows(found) {
  const rows = new Map();
  for (const { server, key, root } of found) {
    let row = rows.get(server.id);
    if (row === undefined) {
      row = { server, keys: new Set(), roots: new Set() };
      rows.set(server.id, row);
    }

    row.keys.add(key.id);
    if (root) {
      row.roots.add(key.id);
    }
  }

  // A server without any key is one to see too, unless it is entries that are looked for.
  if (!state.root && !state.list && !state.new) {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    for (const server of data.servers) {
      if (!rows.has(server.id) && (!state.offline || server.online !== true) && words.every((word) => server.text.includes(word))) {
        rows.set(server.id, { server, keys: new Set(), roots: new Set() });
      }
    }
  }

  return [...rows.values()];
}

function stateOf(server) {
  return server.online === true ? "online" : server.online === false ? "offline" : "unknown";
}

function yesNo(value, yes, no) {
  return value === undefined ? "unknown" : value ? yes : no;
}

const views = {
  keys: {
    label: "Keys",
    rows: keyRows,
    total: () => new Set(entries.map((entry) => entry.key.id)).size,
    one: "key",
    columns: [
      ["person", "Person", (row) => row.who],
      ["type", "Type", (row) => row.key.what],
      ["fingerprint", "Fingerprint", (row) => row.key.fingerprint, "fingerprint"],
      ["servers", "Servers", (row) => row.servers.size],
      ["root", "Root on", (row) => row.roots.size],
      ["users", "Users", (row) => [...row.users].sort().join(", ")],
      ["oldest", "Oldest", (row) => row.oldest, "day"],
      ["findings", "Findings", (row) => row.key.findings],
    ],
    first: ["servers", true],
  },
  people: {
    label: "People",
    rows: personRows,
    total: () => personRows(entries).length,
    one: "person",
    many: "people",
    columns: [
      ["person", "Person", (row) => row.who],
      ["keys", "Keys", (row) => row.keys.size],
      ["servers", "Servers", (row) => row.servers.size],
      ["root", "Root on", (row) => row.roots.size],
    ],
    first: ["servers", true],
  },
  servers: {
    label: "Servers",
    rows: serverRows,
    total: () => data.servers.length,
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
    return make("td", {}, value ? day(value) : "unknown");
  }

  if (kind === "moment") {
    return make("td", {}, row.server.error ? make("span", { class: "chip s-high" }, "not read") : moment(value));
  }

  if (kind === "server") {
    return make("td", {}, opener(row, body));
  }

  return make("td", { class: typeof value === "number" ? "number" : null }, typeof value === "number" ? value.toLocaleString("en-US") : foreign(value, kind));
}

/** The name of a server, which opens to its entries. */
function opener(row) {
  return make("button", {
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

      line.after(make("tr", {}, make("td", { colspan: views.servers.columns.length }, serverDetails(row.server))));
    },
  }, foreign(serverName(row.server)));
}

function serverDetails(server) {
  const own = entries.filter((entry) => entry.server === server);
  const head = make("p", { class: "soft" }, "id " + server.id, server.ipAddress ? [" · ", foreign(server.ipAddress)] : null);
  const problems = [server.error, server.settingsError].filter(Boolean).map((text) => make("p", { class: "band" }, foreign(text)));
  return make("div", {}, head, problems, own.length === 0 ? make("p", {}, "No keys are known here.") : entryTable(own, "Keys on " + serverName(server)));
}

function entryTable(list, caption) {
  const columns = ["User", "Label", "Person", "Type", "Fingerprint", "Added"];
  return table(caption, columns, list, (entry) => [
    make("td", {}, foreign(entry.credential.user || "unknown")),
    make("td", {}, foreign(entry.credential.label)),
    make("td", {}, foreign(entry.key.who)),
    make("td", {}, entry.key.what),
    make("td", {}, foreign(entry.key.fingerprint, "fingerprint")),
    make("td", {}, day(entry.credential.createdAt)),
  ]);
}

/** A table whose rows come by the hundred, so that thousands of them cost nothing before somebody wants them. */
function table(caption, heads, rows, cellsOf) {
  const body = make("tbody", {});
  const holder = make("div", {},
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      make("table", {}, make("caption", { class: "hidden" }, foreign(caption)), make("thead", {}, make("tr", {}, heads.map((head) => (head instanceof Node ? head : make("th", { scope: "col" }, head))))), body)));
  more(rows, (row) => body.append(make("tr", {}, cellsOf(row))), holder);
  return holder;
}

/** Shows a first part, and a button for the next. */
function more(rows, show, holder) {
  let shown = 0;
  const button = make("button", {
    type: "button",
    class: "more screen-only",
    click: () => {
      next();
    },
  });
  const next = () => {
    const end = Math.min(shown + chunk, rows.length);
    for (; shown < end; shown++) {
      show(rows[shown]);
    }

    if (shown < rows.length) {
      button.textContent = "Show " + Math.min(chunk, rows.length - shown) + " more of " + (rows.length - shown).toLocaleString("en-US");
      holder.append(button);
    } else {
      button.remove();
    }
  };
  next();
}

function renderView() {
  const view = views[state.tab];
  const result = sorted(view, view.rows(matching()));
  const heads = view.columns.map((column) => make("th", {
    scope: "col",
    class: ["servers", "root", "findings", "keys", "rootkeys"].includes(column[0]) ? "number" : null,
    "aria-sort": column[0] === result.name ? (result.down ? "descending" : "ascending") : null,
  }, make("button", {
    type: "button",
    click: () => {
      state.down = column[0] === result.name ? !result.down : typeof column[2](result.rows[0] || sampleRow(state.tab)) === "number";
      state.sort = column[0];
      refresh();
      const heading = panel.querySelectorAll("th button")[view.columns.indexOf(column)];
      heading?.focus();
    },
  }, column[1])));
  const panel = document.getElementById("panel");
  const total = view.total();
  document.getElementById("count").textContent = result.rows.length.toLocaleString("en-US") + " of " + count(total, view.one, view.many);
  panel.replaceChildren(result.rows.length === 0
    ? make("p", { class: "soft" }, "Nothing fits these filters.")
    : table(view.label, heads, result.rows, (row) => view.columns.map((column) => cell(column, row))));
  panel.setAttribute("aria-labelledby", "tab-" + state.tab);
  return { view, rows: result.rows };
}

function sampleRow(tab) {
  return tab === "servers"
    ? { server: {}, keys: new Set(), roots: new Set() }
    : { key: {}, who: "", keys: new Set(), servers: new Set(), roots: new Set(), users: new Set(), oldest: "" };
}

function refresh() {
  const parts = new URLSearchParams();
  parts.set("tab", state.tab);
  if (state.q) {
    parts.set("q", state.q);
  }

  for (const name of ["root", "offline", "list", "new"]) {
    if (state[name]) {
      parts.set(name, "1");
    }
  }

  if (state.sort) {
    parts.set("sort", state.sort);
    parts.set("dir", state.down ? "down" : "up");
  }

  if (state.hidden.size > 0) {
    parts.set("hide", [...state.hidden].join(","));
  }

  history.replaceState(null, "", "#" + parts);
  for (const name of Object.keys(views)) {
    const tab = document.getElementById("tab-" + name);
    tab.setAttribute("aria-selected", String(name === state.tab));
    tab.tabIndex = name === state.tab ? 0 : -1;
  }

  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(state[button.dataset.filter]));
  }

  renderView();
}

function readFragment() {
  const parts = new URLSearchParams(location.hash.slice(1));
  state.tab = Object.hasOwn(views, parts.get("tab") || "") ? parts.get("tab") : "keys";
  state.q = parts.get("q") || "";
  for (const name of ["root", "offline", "list", "new"]) {
    state[name] = parts.get(name) === "1";
  }

  state.sort = parts.get("sort") || "";
  state.down = parts.get("dir") === "down";
  state.hidden = new Set((parts.get("hide") || "").split(",").filter((name) => severities.includes(name)));
}

function header() {
  const { run, scope } = data;
  const page = [
    make("h1", {}, "SSH access, workspace ", foreign(run.context)),
    facts([
      scope.serversRead.toLocaleString("en-US") + " of " + count(scope.asked, "server") + " read",
      count(scope.keys, "key"),
      count(scope.credentials, "entry", "entries"),
      ...runFacts(run),
    ]),
  ];
  const broken = data.servers.filter((server) => server.error || server.settingsError);
  if (!scope.complete) {
    page.push(make("div", { class: "band", role: "alert" },
      make("strong", {}, broken.length > 0 ? "Not complete: " + count(broken.length, "server was", "servers were") + " not read whole." : "Not complete."),
      broken.length > 0 ? make("ul", {}, broken.slice(0, 20).map((server) => make("li", {}, foreign(serverName(server)), ": ", foreign(server.error || server.settingsError)))) : null,
      broken.length > 20 ? make("p", {}, "and " + (broken.length - 20) + " more, in the list of servers below") : null,
      data.warnings.map((warning) => make("p", {}, foreign(warning)))));
  }

  if (scope.serversInWorkspace === undefined) {
    page.push(make("p", { class: "note" }, "Only the servers that were asked for are on this page."));
  }

  page.push(make("p", { class: "note" }, scope.offline === 1
    ? "1 server is offline: what is shown for it is RunCloud's record."
    : scope.offline.toLocaleString("en-US") + " servers are offline: what is shown for them is RunCloud's record."));
  return page;
}

/** The findings by severity and rule, and there by key. */
function groups() {
  const found = new Map();
  for (const finding of data.findings) {
    const id = finding.severity + " " + finding.rule;
    let group = found.get(id);
    if (group === undefined) {
      group = { severity: finding.severity, rule: finding.rule, findings: [], keys: new Map() };
      found.set(id, group);
    }

    group.findings.push(finding);
    if (finding.key !== undefined) {
      if (!group.keys.has(finding.key)) {
        group.keys.set(finding.key, []);
      }

      group.keys.get(finding.key).push(finding);
    }
  }

  return [...found.values()].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function chip(severity) {
  return make("span", { class: "chip s-" + severity.toLowerCase() }, severity);
}

function advice(text) {
  const command = /(?:Revoke|Update|Remove|Set|Get)-RunCloud.*$/.exec(text);
  return make("div", { class: "advice" },
    make("span", {}, command ? [text.slice(0, command.index), make("code", { class: "mono" }, command[0])] : text),
    command ? copyButton(command[0], "Copy the command " + command[0]) : null);
}

function credentialOf(finding) {
  return byId.get(finding.serverId)?.credentials.find((credential) => credential.id === finding.credentialId);
}

function keyGroup(number, findings) {
  const key = data.keys[number];
  const servers = new Set(findings.map((finding) => finding.serverId).filter((id) => id !== undefined));
  const roots = new Set(findings.filter((finding) => credentialOf(finding)?.user === "root").map((finding) => finding.serverId));
  const tail = servers.size === 0 ? "" : ": " + count(servers.size, "server") + (roots.size > 0 ? ", root on " + roots.size.toLocaleString("en-US") : "");
  const details = make("details", { class: "key" },
    make("summary", {}, make("span", { class: "fingerprint" }, key.fingerprint), make("span", {}, foreign(key.who === key.fingerprint ? "" : key.who), tail)));
  onceOpen(details, () => {
    const inside = make("div", { class: "inside" });
    const own = findings.filter((finding) => finding.credentialId !== undefined);
    inside.append(...findings.filter((finding) => finding.message).map((finding) => make("p", {}, foreign(finding.message))), advice(data.advice[findings[0].advice]));
    if (own.length > 0) {
      inside.append(table("Where this key is", ["Server", "User", "Label", "Added"], own, (finding) => {
        const credential = credentialOf(finding) || {};
        return [
          make("td", {}, foreign(serverName(byId.get(finding.serverId) || { id: finding.serverId }))),
          make("td", {}, foreign(credential.user || "unknown")),
          make("td", {}, foreign(credential.label)),
          make("td", {}, day(credential.createdAt)),
        ];
      }));
    }

    return inside;
  });
  return details;
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

function ruleGroup(group) {
  const keys = group.keys.size;
  const isOpen = group.severity === "Critical" || group.severity === "High";
  const details = make("details", { class: "rule", "data-severity": group.severity },
    make("summary", {}, chip(group.severity), make("span", { class: "name" }, group.rule),
      make("span", { class: "soft" }, count(group.findings.length, "finding") + (keys > 0 ? ", " + count(keys, "key") : ""))));
  onceOpen(details, () => {
    const holder = make("div", {});
    const list = make("div", {});
    holder.append(list);
    const single = group.findings.filter((finding) => finding.key === undefined);
    const items = [...[...group.keys].map(([number, findings]) => () => keyGroup(number, findings)), ...single.map((finding) => () => singleFinding(finding))];
    more(items, (item) => list.append(item()), holder);
    return holder;
  });
  if (isOpen) {
    details.open = true;
    details.fill();
  }

  return details;
}

function singleFinding(finding) {
  const credential = credentialOf(finding);
  const server = byId.get(finding.serverId);
  const text = finding.message
    ? foreign(finding.message)
    : [foreign(credential?.label || "unknown"), " of ", foreign(credential?.user || "unknown"), " on ", foreign(server ? serverName(server) : "server " + finding.serverId), ": the key cannot be read"];
  const details = make("details", { class: "key" }, make("summary", {}, make("span", {}, text)));
  onceOpen(details, () => make("div", { class: "inside" }, advice(data.advice[finding.advice])));
  return details;
}

function findingsSection() {
  const heading = make("h2", { id: "findings" }, "Findings");
  if (data.findings.length === 0) {
    return make("section", { "aria-labelledby": "findings" }, heading,
      make("p", { class: "clean " + (data.scope.complete ? "s-good" : "s-medium") },
        "No finding in " + count(data.scope.serversRead, "server") + "; " + count(data.scope.rules.length, "rule") + " checked."));
  }

  const rules = groups().map(ruleGroup);
  const apply = () => {
    for (const rule of rules) {
      rule.hidden = state.hidden.has(rule.dataset.severity);
    }
  };
  const buttons = severities.map((severity) => make("button", {
    type: "button",
    class: "s-" + severity.toLowerCase(),
    "data-severity": severity,
    "aria-pressed": String(!state.hidden.has(severity)),
    click: (event) => {
      if (!state.hidden.delete(severity)) {
        state.hidden.add(severity);
      }

      event.currentTarget.setAttribute("aria-pressed", String(!state.hidden.has(severity)));
      apply();
      refresh();
    },
  }, make("span", {}, severity), make("strong", {}, data.findings.filter((finding) => finding.severity === severity).length.toLocaleString("en-US"))));
  apply();
  return make("section", { "aria-labelledby": "findings" }, heading,
    make("div", { class: "row severities", role: "group", "aria-label": "Show findings by severity" }, buttons), rules);
}

function accessSection() {
  const names = Object.keys(views);
  const tabs = names.map((name) => make("button", {
    type: "button",
    role: "tab",
    id: "tab-" + name,
    "aria-controls": "panel",
    click: () => choose(name),
    keydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        choose(names[(names.indexOf(name) + step + names.length) % names.length]);
        document.getElementById("tab-" + state.tab).focus();
      }
    },
  }, views[name].label));
  const choose = (name) => {
    state.tab = name;
    state.sort = "";
    refresh();
  };
  const search = make("input", {
    type: "search",
    id: "search",
    placeholder: "server, user, key, comment",
    "aria-label": "Search server, user, key, comment",
    input: (event) => {
      state.q = event.currentTarget.value;
      refresh();
    },
  });
  search.value = state.q;
  const filters = [["root", "Root only"], ["offline", "Offline"], ["list", "Not on list"], ["new", "New"]]
    .filter(([name]) => (name !== "list" || data.hasList) && (name !== "new" || data.scope.baseline))
    .map(([name, label]) => make("button", {
      type: "button",
      "data-filter": name,
      "aria-pressed": "false",
      click: () => {
        state[name] = !state[name];
        refresh();
      },
    }, label));
  return make("section", { "aria-labelledby": "access", class: "screen-only" }, make("h2", { id: "access" }, "Who can reach what"),
    make("div", { role: "tablist", "aria-label": "Access by" }, tabs),
    make("div", { class: "row tools" }, search, filters, make("output", { id: "count", "aria-live": "polite" }),
      make("button", { type: "button", id: "csv", click: saveView }, "CSV of this view")),
    make("div", { role: "tabpanel", id: "panel" }));
}

function saveView() {
  const { view, rows } = renderView();
  save("access-" + state.tab + ".csv", csvOf(view.columns.map((column) => column[1]), rows.map((row) => view.columns.map((column) => column[2](row)))));
}

function howSection() {
  const { run, scope } = data;
  const line = (name, ...value) => [make("dt", {}, name), make("dd", {}, value)];
  return make("section", { "aria-labelledby": "how" }, make("h2", { id: "how" }, "How this was read"),
    make("dl", {},
      line("Command", run.command + (run.module ? " " + run.module : "") + (run.powershell ? ", PowerShell " + run.powershell : "")),
      line("API", foreign(run.endpoint)),
      line("From, to", moment(run.startedAt) + " to " + moment(run.endedAt)),
      line("Servers", scope.serversInWorkspace === undefined
        ? count(scope.asked, "server") + " asked for"
        : "all " + count(scope.serversInWorkspace, "server") + " of the workspace"),
      line("Requests", scope.requests.toLocaleString("en-US")),
      line("Rules", scope.rules.join(", ")),
      line("Old means", "added more than " + count(scope.maximumAgeDays, "day") + " ago"),
      line("Allowed keys", scope.allowedSha256 ? ["list with digest ", make("span", { class: "mono" }, scope.allowedSha256)] : "no list was given"),
      line("Baseline", scope.baseline ? [moment(scope.baseline.endedAt) + ", ", count(scope.baseline.servers, "server") + ", file with SHA-256 ", make("span", { class: "mono" }, scope.baseline.sha256)] : "none was given"),
      data.warnings.map((warning) => line("Warning", foreign(warning)))),
    make("p", { class: "soft" }, "RunCloud documents neither meaning nor defaults of its SSH settings; what they are called here is inferred from their names."),
    make("p", {}, make("strong", {}, "Nothing on this page is from the servers themselves: "), "it is RunCloud's record of them. A key that was written into a file on a server by hand is not here."));
}

/** On paper: the findings opened, then all servers. */
function preparePrint() {
  for (const details of document.querySelectorAll("details")) {
    details.fill?.();
    details.open = true;
  }

  const holder = document.getElementById("print");
  if (holder.childElementCount === 0) {
    const columns = views.servers.columns;
    const body = make("tbody", {});
    for (const row of serverRows(entries).sort((a, b) => collator.compare(serverName(a.server), serverName(b.server)))) {
      body.append(make("tr", {}, columns.map((column) => make("td", {}, column[3] === "moment" ? moment(column[2](row)) : foreign(column[2](row))))));
    }

    holder.append(make("h2", {}, "Servers"), make("table", {}, make("thead", {}, make("tr", {}, columns.map((column) => make("th", { scope: "col" }, column[1])))), body));
  }
}

index();
readFragment();
document.getElementById("page").replaceChildren(...header(), findingsSection(), accessSection(), make("section", { class: "print-only", id: "print" }), howSection());
refresh();
addEventListener("beforeprint", preparePrint);
addEventListener("hashchange", () => {
  readFragment();
  document.getElementById("search").value = state.q;
  refresh();
});
