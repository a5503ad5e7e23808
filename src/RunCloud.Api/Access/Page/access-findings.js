// The findings: counted by severity, grouped by rule and by key.

/** What each rule looks for, in a few words. */
const meanings = {
  Blocked: "keys that must not be anywhere",
  NotAllowed: "keys that are not on the list of allowed keys",
  CertificateAuthority: "lines that let in every certificate that a key signs",
  DeploymentKeyIsLoginKey: "a server's own key that logs in to others",
  WeakKey: "keys that are too short or of an old kind",
  PasswordLogin: "servers that accept passwords",
  RootLogin: "servers that let root in",
  RootKey: "keys that log in as root",
  Unreadable: "entries that cannot be read as a key",
  SharedKey: "one key that several people seem to use",
  OldKey: "keys that were added long ago",
  UnknownAge: "keys of which nobody knows when they were added",
  NewSinceBaseline: "what was not there at the time of the baseline",
  GoneSinceBaseline: "what was there at the time of the baseline",
  ServerNotRead: "servers that were not read, or are offline",
};

/** The findings by severity and rule, and there by key. */
function groups() {
  const found = new Map();
  for (const finding of data.findings) {
    const id = `${finding.severity} ${finding.rule}`;
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
  return make("span", { class: `chip s-${severity.toLowerCase()}` }, severity);
}

function advice(text) {
  const found = /(?:Revoke|Update|Remove|Set|Get)-RunCloud.*$/.exec(text);
  return found ? command(text.slice(0, found.index), found[0], `Copy the command ${found[0]}`) : make("div", { class: "advice" }, make("span", {}, text));
}

function credentialOf(finding) {
  return byId.get(finding.serverId)?.credentials.find((credential) => credential.id === finding.credentialId);
}

function keyGroup(number, findings) {
  const key = data.keys[number];
  const servers = new Set(findings.map((finding) => finding.serverId).filter((id) => id !== undefined));
  const roots = new Set(findings.filter((finding) => credentialOf(finding)?.user === "root").map((finding) => finding.serverId));
  const tail = servers.size === 0 ? "" : `: ${count(servers.size, "server")}${roots.size > 0 ? `, root on ${roots.size.toLocaleString("en-US")}` : ""}`;
  const details = make(
    "details",
    { class: "key" },
    make("summary", {}, make("span", { class: "fingerprint" }, key.fingerprint), make("span", {}, foreign(key.who === key.fingerprint ? "" : key.who), tail)),
  );
  onceOpen(details, () => {
    const inside = make("div", { class: "inside" });
    const own = findings.filter((finding) => finding.credentialId !== undefined);
    inside.append(
      ...findings.filter((finding) => finding.message).map((finding) => make("p", {}, foreign(finding.message))),
      advice(data.advice[findings[0].advice]),
    );
    if (own.length > 0) {
      inside.append(
        table("Where this key is", ["Server", "User", "Label", "Added"], own, (finding) => {
          const credential = credentialOf(finding) || {};
          return [
            make("td", {}, foreign(serverName(byId.get(finding.serverId) || { id: finding.serverId }))),
            make("td", {}, foreign(credential.user || "unknown")),
            make("td", {}, foreign(credential.label)),
            make("td", {}, day(credential.createdAt)),
          ];
        }),
      );
    }

    return inside;
  });
  return details;
}

function ruleGroup(group) {
  const keys = group.keys.size;
  const isOpen = group.severity === "Critical" || group.severity === "High";
  const details = make(
    "details",
    { class: "rule", "data-severity": group.severity },
    make(
      "summary",
      {},
      chip(group.severity),
      make("span", { class: "name" }, group.rule),
      make("span", {}, meanings[group.rule] || ""),
      make("span", { class: "soft" }, count(group.findings.length, "finding") + (keys > 0 ? `, ${count(keys, "key")}` : "")),
    ),
  );
  onceOpen(details, () => {
    const holder = make("div", {});
    const list = make("div", {});
    holder.append(list);
    const single = group.findings.filter((finding) => finding.key === undefined);
    const items = [
      ...[...group.keys].map(
        ([number, findings]) =>
          () =>
            keyGroup(number, findings),
      ),
      ...single.map((finding) => () => singleFinding(finding)),
    ];
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
    : [
        foreign(credential?.label || "unknown"),
        " of ",
        foreign(credential?.user || "unknown"),
        " on ",
        foreign(server ? serverName(server) : `server ${finding.serverId}`),
        ": the key cannot be read",
      ];
  const details = make("details", { class: "key" }, make("summary", {}, make("span", {}, text)));
  onceOpen(details, () => make("div", { class: "inside" }, advice(data.advice[finding.advice])));
  return details;
}

/** Shows the findings of those severities that are not hidden, and how the buttons stand. */
function showSeverities() {
  for (const button of document.querySelectorAll("button[data-severity]")) {
    button.setAttribute("aria-pressed", String(!state.hidden.has(button.dataset.severity)));
  }

  for (const rule of document.querySelectorAll("details.rule")) {
    rule.hidden = state.hidden.has(rule.dataset.severity);
  }
}

function findingsSection() {
  const heading = make("h2", { id: "findings" }, "Findings");
  if (data.findings.length === 0) {
    return make(
      "section",
      { "aria-labelledby": "findings" },
      heading,
      make(
        "p",
        { class: `clean ${data.scope.complete ? "s-good" : "s-medium"}` },
        `No finding in ${count(data.scope.serversRead, "server")}; ${count(data.scope.rules.length, "rule")} checked.`,
      ),
    );
  }

  const rules = groups().map(ruleGroup);
  const buttons = severities.map((severity) =>
    make(
      "button",
      {
        type: "button",
        class: `s-${severity.toLowerCase()}`,
        "data-severity": severity,
        click: () => {
          if (!state.hidden.delete(severity)) {
            state.hidden.add(severity);
          }

          showSeverities();
          keepView();
        },
      },
      make("span", {}, severity),
      make("strong", {}, data.findings.filter((finding) => finding.severity === severity).length.toLocaleString("en-US")),
    ),
  );
  return make(
    "section",
    { "aria-labelledby": "findings" },
    heading,
    make("div", { class: "row severities", role: "group", "aria-label": "Show findings by severity" }, buttons),
    rules,
  );
}
