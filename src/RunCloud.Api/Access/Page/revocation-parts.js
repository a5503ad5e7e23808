// The words and the parts of the evidence page.

const isRotation = data.kind === "rotation";

const reasons = {
  Offline: "the server is offline, so nobody knows whether it took the change",
  OfflineNotListed: "the server is offline; RunCloud's list does not have the key, which proves nothing there",
  StateUnknown: "RunCloud does not say whether the server is online",
  AnswerLost: "the answer was lost, and the list could not be read",
  Unreadable: "a key on it cannot be read, so it could not be compared",
  NotRead: "its list of keys could not be read",
  StillListed: "RunCloud still lists the key",
  CameBack: "the key was put back while the command ran",
  AppearedLater: "it was found only after the plan, so nothing was changed on it",
  OtherUsers: "users outside -User still have the key",
  LastCredential: "the key was kept, since its user has no other way in",
  Stopped: "the command was stopped",
  TokenRefused: "RunCloud refused the API token",
};

const looks = { Removed: "s-good", Clean: "s-good", AlreadyAbsent: "s-good", Kept: "s-medium", Unconfirmed: "s-medium", Failed: "s-high" };

function statusChip(status) {
  return make("span", { class: `chip ${looks[status] || "s-info"}` }, status);
}

function serverOf(entry) {
  return entry.serverName || `server ${entry.serverId}`;
}

function serverCell(entry) {
  return make(
    "td",
    {},
    foreign(serverOf(entry)),
    make("div", { class: "soft" }, `id ${entry.serverId}`, entry.ipAddress ? [" · ", foreign(entry.ipAddress)] : null),
  );
}

/** Each of the texts once, side by side. */
function each(texts) {
  const known = [...new Set(texts.filter(Boolean))];
  return known.length === 0 ? "none known" : known.flatMap((text, place) => [place > 0 ? ", " : null, foreign(text)]);
}

function verdict() {
  const { removed, unconfirmed, failed, kept, clean } = data.summary;
  const parts = [
    `${(isRotation ? "Replaced on " : "Removed from ") + removed.toLocaleString("en-US")} of ${count(data.servers.length, "server")}.`,
    `${unconfirmed.toLocaleString("en-US")} not confirmed.`,
    `${failed.toLocaleString("en-US")} failed.`,
    kept > 0 ? `${kept.toLocaleString("en-US")} kept for other users.` : null,
    `${clean.toLocaleString("en-US")} did not have it.`,
  ];
  const look = data.run.endedAt === undefined || failed > 0 || !data.complete ? "s-high" : unconfirmed + kept > 0 ? "s-medium" : "s-good";
  return make("p", { class: `verdict ${look}` }, parts.filter(Boolean).join(" "));
}

/** The verdict's numbers, to be seen from across the room. */
function tiles() {
  const { removed, unconfirmed, failed, kept, clean } = data.summary;
  const list = [
    [isRotation ? "Replaced" : "Removed", removed, "s-good"],
    ["Not confirmed", unconfirmed, unconfirmed > 0 ? "s-medium" : "s-info"],
    ["Failed", failed, failed > 0 ? "s-high" : "s-info"],
    kept > 0 ? ["Kept", kept, "s-medium"] : null,
    ["Did not have it", clean, "s-info"],
  ];
  return make(
    "ul",
    { class: "row tiles", "aria-hidden": "true" },
    list.filter(Boolean).map(([name, number, look]) => make("li", { class: look }, make("strong", {}, number.toLocaleString("en-US")), make("span", {}, name))),
  );
}

/** How somebody on a server sees whether the key is there: by the key itself, or by its fingerprint where only that is known. */
function lookLine() {
  const files = "/root/.ssh/authorized_keys /home/*/.ssh/authorized_keys";
  const blobs = data.blobs.filter((text) => /^[A-Za-z0-9+/=]+$/.test(text));
  const prints = data.keys.filter((text) => /^(SHA256:[A-Za-z0-9+/]+|MD5:[0-9a-f:]+)$/.test(text));
  return blobs.length > 0
    ? `sudo sh -c "grep -nF${blobs.map((blob) => ` -e '${blob}'`).join("")} ${files}"`
    : prints.length > 0
      ? `sudo sh -c "for f in ${files}; do ssh-keygen -lf \\$f; done | grep -F${prints.map((text) => ` -e '${text}'`).join("")}"`
      : null;
}

/** What nobody but a person can do, each with a box to tick. */
function chores() {
  const on = (entry) => [" on ", foreign(serverOf(entry))];
  const list = [
    ["Delete the key's copy in the SSH Key Vault (dashboard: Settings > SSH Key Vault), from which it can be put on a server again."],
    ...data.leftovers.filter((left) => left.sessions.length > 0).map((left) => ["End the open SSH sessions", on(left), ": ", each(left.sessions)]),
    ...data.leftovers.flatMap((left) =>
      left.deploymentKeys.map((user) => ["Make a new deployment key for ", foreign(user), on(left), ": it is the same key."]),
    ),
    ...data.leftovers.flatMap((left) =>
      left.deploymentKeysNotComparable.map((user) => ["Look at the deployment key of ", foreign(user), on(left), ": it could not be compared."]),
    ),
    ...data.leftovers.flatMap((left) =>
      left.certificateAuthorities.map((user) => [
        "Look at the cert-authority line of ",
        foreign(user),
        on(left),
        ": certificates of it still let their holders in.",
      ]),
    ),
    ...data.leftovers
      .filter((left) => left.notRead.length > 0)
      .map((left) => ["Look at sessions and deployment keys", on(left), ", which could not be read: ", whole(left.notRead[0])]),
    data.scope.skipInspection ? ["Look for open sessions and deployment keys: -SkipInspection left that out."] : null,
    ["Check whether the servers accept passwords: ", make("code", { class: "mono" }, "Get-RunCloudSshSetting")],
    [
      "Look for lines that were written into authorized_keys by hand: ",
      make("code", { class: "mono" }, "Test-RunCloudSshKey"),
      " asks the servers themselves.",
    ],
    isRotation ? null : ["If the key's owner has left: remove them from the RunCloud team, and end their other access."],
  ];
  return make(
    "ul",
    { class: "ticks" },
    list.filter(Boolean).map((text) => make("li", {}, make("label", {}, make("input", { type: "checkbox" }), make("span", {}, text)))),
  );
}
