// The evidence page of a revocation or a rotation: the verdict first, then what is not settled, then the account of every server.

function titled(id, title, ...children) {
  return make("section", { "aria-labelledby": id }, make("h2", { id }, title), children);
}

function opening() {
  const { run, scope } = data;
  const limits = [
    scope.serversInWorkspace === undefined ? `Only ${count(scope.asked, "server")} of the workspace ${scope.asked === 1 ? "was" : "were"} asked for.` : null,
    scope.users.length > 0 ? ["Only for these users: ", each(scope.users), "."] : null,
    data.excluded.length > 0 ? `${count(data.excluded.length, "server was", "servers were")} left alone on request (-ExcludeServer); see below.` : null,
  ].filter(Boolean);
  return [
    make("h1", {}, isRotation ? "SSH key rotation, workspace " : "SSH key revocation, workspace ", foreign(run.context)),
    facts(runFacts(run)),
    run.endedAt === undefined
      ? make(
          "div",
          { class: "band", role: "alert" },
          make("strong", {}, "This run has not ended, or was ended by force."),
          " What it had not settled is not known. Run the command again; this page is then replaced.",
        )
      : null,
    verdict(),
    tiles(),
    run.endedAt !== undefined && !data.complete
      ? make(
          "div",
          { class: "band", role: "alert" },
          make("strong", {}, "Not complete: "),
          "the run was cut off, or a list of servers could not be read to its end.",
        )
      : null,
    limits.map((text) => make("p", { class: "note" }, text)),
    make(
      "p",
      { class: "keys" },
      data.keys.length === 1 ? "Key " : "Keys ",
      data.keys.map((key) => [make("span", { class: "mono" }, key), " "]),
      data.replacement
        ? [
            "replaced by ",
            make("span", { class: "mono" }, data.replacement.fingerprint),
            data.replacement.comment ? [" (", foreign(data.replacement.comment), ")"] : null,
          ]
        : null,
    ),
  ]
    .flat()
    .filter(Boolean);
}

function unsettledSection() {
  const open = data.servers.filter((server) => !["Removed", "Clean"].includes(server.status));
  if (open.length === 0) {
    return titled(
      "unsettled",
      "Not settled",
      make(
        "p",
        { class: `clean ${data.complete ? "s-good" : "s-medium"}` },
        data.complete ? "Nothing. Every server that was meant is accounted for." : "No single server, but the run is not complete.",
      ),
    );
  }

  const line = lookLine();
  return titled(
    "unsettled",
    "Not settled",
    line === null ? null : command("To see it for yourself, paste this on the server: ", line, "Copy the command that looks for the key on a server"),
    table("Servers that are not settled", ["Server", "Status", "Users", "Reason"], open, (server) => {
      const bad = server.removals.filter((removal) => !["Removed", "AlreadyAbsent"].includes(removal.status));
      const codes = [...new Set([server.reason, ...bad.map((removal) => removal.reason)].filter(Boolean))];
      const said = [...new Set([server.message, ...bad.map((removal) => removal.message)].filter(Boolean))];
      const texts = said.length > 0 ? said : codes.map((code) => reasons[code]).filter(Boolean);
      return [
        serverCell(server),
        make("td", {}, statusChip(server.status)),
        make("td", {}, each(server.removals.map((removal) => removal.user))),
        make(
          "td",
          {},
          make("strong", {}, codes.join(", ")),
          texts.map((text) => make("div", { class: "soft" }, whole(text))),
        ),
      ];
    }),
  );
}

function removedSection() {
  const done = data.servers.filter((server) => server.status === "Removed");
  const heads = ["Server", "Users", "Labels", "Read before", "Read after"];
  return titled(
    "removed",
    isRotation ? "Replaced" : "Removed",
    make(
      "p",
      { class: "soft" },
      isRotation
        ? "Replaced means: RunCloud lists the new key, it confirmed that the old one was removed, and its list no longer has it."
        : "Removed means: RunCloud confirmed it, and its list no longer has it.",
    ),
    done.length === 0
      ? make("p", {}, "No server.")
      : table(isRotation ? "Replaced" : "Removed", heads, done, (server) => [
          serverCell(server),
          make("td", {}, each(server.removals.map((removal) => removal.user))),
          make("td", {}, each([...server.removals, ...server.additions].map((one) => one.label))),
          make("td", {}, instant(server.checkedAt)),
          make("td", {}, server.verifiedAt ? instant(server.verifiedAt) : "not read back"),
        ]),
  );
}

function cleanSection() {
  const clean = data.servers.filter((server) => server.status === "Clean");
  return titled(
    "clean",
    "Did not have it",
    clean.length === 0
      ? make("p", {}, "No server.")
      : table("Servers without the key", ["Server", "Read at"], clean, (server) => [serverCell(server), make("td", {}, instant(server.checkedAt))]),
  );
}

function excludedSection() {
  return data.excluded.length === 0
    ? null
    : titled(
        "excluded",
        "Left alone on request",
        table("Servers that were left alone", ["Server"], data.excluded, (server) => [serverCell(server)]),
      );
}

function warningsSection() {
  return data.warnings.length === 0
    ? null
    : titled(
        "warnings",
        "Warnings of the run",
        make(
          "ul",
          {},
          data.warnings.map((text) => make("li", {}, whole(text))),
        ),
      );
}

function doneSection() {
  const { run, scope } = data;
  return titled(
    "how",
    "How this was done",
    make(
      "dl",
      {},
      term("Command", commandOf(run)),
      term("By", foreign(run.account), " on ", foreign(run.computer)),
      run.reason ? term("Reason", whole(run.reason)) : [],
      term("API", foreign(run.endpoint)),
      term("From, to", stamp(run)),
      term("Servers", serversOf(scope), `, ${scope.offline.toLocaleString("en-US")} offline, ${scope.notRead.toLocaleString("en-US")} not read`),
      term("Users", scope.users.length === 0 ? "all" : each(scope.users)),
      scope.excludeServer.length > 0 ? term("Left alone", each(scope.excludeServer)) : [],
      term("Last way in", scope.skipLastCredential ? "kept (-SkipLastCredential)" : "removed like any other"),
      term("Requests", scope.requests.toLocaleString("en-US")),
    ),
    make("p", {}, make("strong", {}, "Nothing on this page is from the servers themselves: "), "it is RunCloud's record of them."),
  );
}

document
  .getElementById("page")
  .replaceChildren(
    ...opening(),
    ...[
      unsettledSection(),
      titled("chores", "Left to do by hand", chores()),
      removedSection(),
      cleanSection(),
      excludedSection(),
      warningsSection(),
      doneSection(),
    ].filter(Boolean),
  );

// Evidence on paper is whole.
addEventListener("beforeprint", () => {
  for (const list of document.querySelectorAll(".parted")) {
    list.showAll();
  }
});
