// The page of an access audit: findings, and who can reach what by key, by person and by server.

/** Puts the view into the address, so that it can be kept and sent on. */
function keepView() {
  const parts = new URLSearchParams();
  parts.set("tab", state.tab);
  if (state.q) {
    parts.set("q", state.q);
  }

  for (const name of Object.keys(filters)) {
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

  remember(`#${parts}`);
}

function refresh() {
  keepView();
  for (const name of Object.keys(views)) {
    const tab = document.getElementById(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === state.tab));
    tab.tabIndex = name === state.tab ? 0 : -1;
  }

  for (const button of document.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(state[button.dataset.filter]));
  }

  renderView();
}

let keeper = 0;

/** Keeps the view in the address. Safari takes no more than a hundred changes in half a minute: what it refuses is tried again when the reader rests. */
function remember(fragment) {
  clearTimeout(keeper);
  try {
    history.replaceState(null, "", fragment);
  } catch {
    keeper = setTimeout(() => remember(fragment), 1000);
  }
}

function readFragment() {
  const parts = new URLSearchParams(location.hash.slice(1));
  state.tab = Object.hasOwn(views, parts.get("tab") || "") ? parts.get("tab") : "keys";
  state.q = parts.get("q") || "";
  for (const name of Object.keys(filters)) {
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
      `${scope.serversRead.toLocaleString("en-US")} of ${count(scope.asked, "server")} read`,
      count(scope.keys, "key"),
      count(scope.credentials, "entry", "entries"),
      ...runFacts(run),
    ]),
  ];
  const broken = data.servers.filter((server) => server.error || server.settingsError);
  if (!scope.complete) {
    page.push(
      make(
        "div",
        { class: "band", role: "alert" },
        make("strong", {}, broken.length > 0 ? `Not complete: ${count(broken.length, "server was", "servers were")} not read whole.` : "Not complete."),
        broken.length > 0
          ? make(
              "ul",
              {},
              broken.slice(0, 20).map((server) => make("li", {}, foreign(serverName(server)), ": ", foreign(server.error || server.settingsError))),
            )
          : null,
        broken.length > 20 ? make("p", {}, `and ${broken.length - 20} more, in the list of servers below`) : null,
        broken.length > 0 ? null : data.warnings.map((warning) => make("p", {}, whole(warning))),
      ),
    );
  }

  if (scope.serversInWorkspace === undefined) {
    page.push(make("p", { class: "note" }, "Only the servers that were asked for are on this page."));
  }

  page.push(
    make(
      "p",
      { class: "note" },
      scope.offline === 0
        ? "No server is offline, as far as RunCloud knows."
        : scope.offline === 1
          ? "1 server is offline: what is shown for it is RunCloud's record."
          : `${scope.offline.toLocaleString("en-US")} servers are offline: what is shown for them is RunCloud's record.`,
    ),
  );
  return page;
}

function accessSection() {
  const names = Object.keys(views);
  const tabs = names.map((name) =>
    make(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": "panel",
        click: () => choose(name),
        keydown: (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) {
            choose(names[(names.indexOf(name) + step + names.length) % names.length]);
            document.getElementById(`tab-${state.tab}`).focus();
          }
        },
      },
      views[name].label,
    ),
  );
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
  const buttons = Object.entries(filters).map(([name, label]) =>
    make(
      "button",
      {
        type: "button",
        "data-filter": name,
        "aria-pressed": "false",
        click: () => {
          state[name] = !state[name];
          refresh();
        },
      },
      label,
    ),
  );
  return make(
    "section",
    { "aria-labelledby": "access", class: "screen-only" },
    make("h2", { id: "access" }, "Who can reach what"),
    make("div", { role: "tablist", "aria-label": "Access by" }, tabs),
    make(
      "div",
      { class: "row tools" },
      search,
      buttons,
      make("output", { id: "count", "aria-live": "polite" }),
      make("button", { type: "button", id: "csv", click: saveView }, "CSV of this view"),
    ),
    make("div", { role: "tabpanel", id: "panel" }),
  );
}

function saveView() {
  const { view, rows } = renderView();
  save(
    `access-${state.tab}.csv`,
    csvOf(
      view.columns.map((column) => column[1]),
      rows.map((row) => view.columns.map((column) => column[2](row))),
    ),
  );
}

function howSection() {
  const { run, scope } = data;
  return make(
    "section",
    { "aria-labelledby": "how" },
    make("h2", { id: "how" }, "How this was read"),
    make(
      "dl",
      {},
      term("Command", commandOf(run)),
      term("API", foreign(run.endpoint)),
      term("From, to", stamp(run)),
      term("Servers", serversOf(scope)),
      term("Requests", scope.requests.toLocaleString("en-US")),
      term("Rules", scope.rules.join(", ")),
      term("Old means", `added more than ${count(scope.maximumAgeDays, "day")} ago`),
      term("Allowed keys", scope.allowedSha256 ? ["list with digest ", make("span", { class: "mono" }, scope.allowedSha256)] : "no list was given"),
      term(
        "Baseline",
        scope.baseline
          ? [
              `${moment(scope.baseline.endedAt)}, `,
              `${count(scope.baseline.servers, "server")}, file with SHA-256 `,
              make("span", { class: "mono" }, scope.baseline.sha256),
            ]
          : "none was given",
      ),
      data.warnings.map((warning) => term("Warning", whole(warning))),
    ),
    make(
      "p",
      { class: "soft" },
      "RunCloud documents neither meaning nor defaults of its SSH settings; what they are called here is inferred from their names.",
    ),
    make(
      "p",
      {},
      make("strong", {}, "Nothing on this page is from the servers themselves: "),
      "it is RunCloud's record of them. A key that was written into a file on a server by hand is not here.",
    ),
  );
}

// With more keys than this, a line for each of them says enough on paper.
const mostOpenOnPaper = 200;

/** On paper: the findings opened, then all servers. */
function preparePrint() {
  for (const rule of document.querySelectorAll("details.rule")) {
    rule.fill();
    rule.open = true;
  }

  const keys = document.querySelectorAll("details.key");
  for (const key of keys.length <= mostOpenOnPaper ? keys : []) {
    key.fill();
    key.open = true;
  }

  const holder = document.getElementById("print");
  if (holder.childElementCount === 0) {
    const columns = views.servers.columns;
    const body = make("tbody", {});
    for (const row of serverRows(entries, () => true).sort((a, b) => collator.compare(serverName(a.server), serverName(b.server)))) {
      body.append(
        make(
          "tr",
          {},
          columns.map((column) => make("td", {}, column[3] === "moment" ? moment(column[2](row)) : foreign(column[2](row)))),
        ),
      );
    }

    holder.append(
      make("h2", {}, "Servers"),
      make(
        "table",
        {},
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            columns.map((column) => make("th", { scope: "col" }, column[1])),
          ),
        ),
        body,
      ),
    );
  }
}

index();
readFragment();
document
  .getElementById("page")
  .replaceChildren(...header(), findingsSection(), accessSection(), make("section", { class: "print-only", id: "print" }), howSection());
showSeverities();
refresh();

// What the other views need is made while the reader looks at the first.
afterPaint(() => Object.values(views).forEach(totalOf));
addEventListener("beforeprint", preparePrint);
addEventListener("hashchange", () => {
  readFragment();
  document.getElementById("search").value = state.q;
  showSeverities();
  refresh();
});
