// The data of an audit, as its views ask for them: entries, and their sums by key, by person and by server.

const severities = ["Critical", "High", "Medium", "Low", "Info"];
const state = { tab: "keys", q: "", root: false, offline: false, list: false, new: false, sort: "", down: false, hidden: new Set() };

/** The filters that this page can have: without a list and a baseline there is nothing to ask for. */
const filters = {
  root: "Root only",
  offline: "Offline",
  ...(data.hasList && { list: "Not on list" }),
  ...(data.scope.baseline && { new: "New" }),
};

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
        isNew.add(`${finding.serverId}/${finding.credentialId}`);
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
    // Only what the admin's own list says makes one person of two keys.
    key.personId = key.personSource === "list" ? `p:${key.person}` : `k:${number}`;
    key.what = (key.type || "unknown") + (key.bits ? ` ${key.bits}` : "") + (key.certificateAuthority ? " (authority)" : "");
  });
  for (const server of data.servers) {
    byId.set(server.id, server);
    server.findings = perServer.get(server.id) || 0;
    server.text = `${serverName(server)} ${server.ipAddress || ""} ${server.id}`.toLowerCase();
    for (const credential of server.credentials) {
      const key = credential.key === undefined ? unreadable(server, credential) : data.keys[credential.key];
      entries.push({
        server,
        credential,
        key,
        root: credential.user === "root",
        offline: server.online !== true,
        list: data.hasList && key.allowed !== true,
        new: newServers.has(server.id) || isNew.has(`${server.id}/${credential.id}`),
        text: [server.text, credential.user, credential.label, credential.comment, key.who, key.fingerprint].join(" ").toLowerCase(),
      });
    }
  }
}

/** What stands for a key that nobody can read: each is one by itself. */
function unreadable(server, credential) {
  const id = `${server.id}/${credential.id}`;
  return { id, personId: `k:${id}`, who: credential.label || "unknown", what: "unreadable", fingerprint: "", findings: 0, personSource: "label" };
}

function matching() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(
    (entry) =>
      (!state.root || entry.root) &&
      (!state.offline || entry.offline) &&
      (!state.list || entry.list) &&
      (!state.new || entry.new) &&
      words.every((word) => entry.text.includes(word)),
  );
}

/** Sums entries up by key, or by person. The entries of a server stand together, so a server is counted where it differs from the last one. */
function summed(found, idOf) {
  const rows = new Map();
  for (const { server, credential, key, root } of found) {
    const id = idOf(key);
    let row = rows.get(id);
    if (row === undefined) {
      row = { key, who: key.who, keys: new Set(), servers: 0, lastServer: null, roots: 0, lastRoot: null, users: new Set(), oldest: "" };
      rows.set(id, row);
    }

    row.keys.add(key.id);
    row.users.add(credential.user || "unknown");
    if (row.lastServer !== server) {
      row.lastServer = server;
      row.servers++;
    }

    if (root && row.lastRoot !== server) {
      row.lastRoot = server;
      row.roots++;
    }

    if (credential.createdAt && (row.oldest === "" || credential.createdAt < row.oldest)) {
      row.oldest = credential.createdAt;
    }
  }

  return [...rows.values()];
}

function keyRows(found) {
  return summed(found, (key) => key.id);
}

function personRows(found) {
  return summed(found, (key) => key.personId);
}

/** Sums entries up by server; those without any entry are there where they are sought. */
function serverRows(found, isSought = fitsWithoutKeys) {
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

  for (const server of data.servers) {
    if (!rows.has(server.id) && isSought(server)) {
      rows.set(server.id, { server, keys: new Set(), roots: new Set() });
    }
  }

  return [...rows.values()];
}

/** A server without any key is one to see too, unless it is entries that are looked for. */
function fitsWithoutKeys(server) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  return !(state.root || state.list || state.new) && (!state.offline || server.online !== true) && words.every((word) => server.text.includes(word));
}

function stateOf(server) {
  return server.online === true ? "online" : server.online === false ? "offline" : "unknown";
}

function yesNo(value, yes, no) {
  return value === undefined ? "unknown" : value ? yes : no;
}
