// How numbers, times, names and tables of text are written.

function count(number, one, many) {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many || `${one}s`}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function day(time) {
  if (!time) {
    return "unknown";
  }

  const date = new Date(time);
  return `${String(date.getUTCDate())} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function moment(time) {
  return time ? `${day(time)} ${new Date(time).toISOString().slice(11, 16)} UTC` : "not read";
}

/** To the second, as evidence needs it. */
function instant(time) {
  return time ? `${day(time)} ${new Date(time).toISOString().slice(11, 19)} UTC` : "not read";
}

function runFacts(run) {
  return [
    moment(run.endedAt || run.startedAt),
    `${run.account} on ${run.computer}`,
    run.module ? `module ${run.module}` : null,
    run.reason ? `reason: ${run.reason}` : null,
  ].filter(Boolean);
}

function stamp(run) {
  return `${moment(run.startedAt)} to ${run.endedAt ? moment(run.endedAt) : "not ended"}`;
}

function facts(texts) {
  return make(
    "p",
    { class: "facts" },
    texts.map((text) => make("span", {}, foreign(text))),
  );
}

/** A term and its value in the list at the end of a page. */
function term(name, ...value) {
  return [make("dt", {}, name), make("dd", {}, value)];
}

function commandOf(run) {
  return run.command + (run.module ? ` ${run.module}` : "") + (run.powershell ? `, PowerShell ${run.powershell}` : "");
}

function serversOf(scope) {
  return scope.serversInWorkspace === undefined
    ? `${count(scope.asked, "server")} asked for`
    : `all ${count(scope.serversInWorkspace, "server")} of the workspace`;
}

function serverName(server) {
  return server.name || `server ${server.id}`;
}

const formulaStart = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]|^[\t\r]/;

/** A table as the CSV report has it: with a byte order mark, and nothing that a spreadsheet takes for a formula. */
function csvOf(headers, rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return `"${(typeof value === "string" && formulaStart.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  };
  return `\ufeff${[headers, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = make("a", { download: name });
  link.href = address;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
