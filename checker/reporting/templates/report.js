"use strict";
// Everything that is shown comes from servers and documents: it goes into the page as text only
// (textContent), never as markup.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const page = read("data");
  const findings = page.findings;
  const chunks = new Map();
  const BATCH = 100;
  const RANK = { critical: 0, major: 1, minor: 2 };
  const body = document.querySelector("#findings tbody");
  const form = document.querySelector("form.filters");
  const told = document.getElementById("told");
  const more = document.getElementById("more");
  const earlier = document.getElementById("earlier");
  let shown = [];
  let [first, rendered] = [0, 0]; // the rows that are there: shown[first] to shown[rendered - 1]
  let sorting = { key: "", up: true };

  const all = (rows) => rows.reduce((sum, row) => sum + 1 + row.same.length, 0);
  findings.forEach((finding) => {
    const places = [finding, ...finding.same].flatMap((one) => [one.source, one.id, one.operation]);
    finding.text = [finding.target, ...finding.also, finding.name, finding.rule, finding.issue, finding.fix,
      ...places].join("\n").toLowerCase();
  });

  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") node.addEventListener("click", value);
      else if (value !== null && value !== false) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  // What stands in backticks is code.
  function words(text) {
    return text.split(/(?<!`)`([^`]+)`(?!`)/).map((part, n) => (n % 2 ? el("code", {}, part) : part));
  }

  function heavy(finding) {
    const number = Math.floor(finding.index / page.chunk);
    if (!chunks.has(number)) chunks.set(number, read(`evidence-${number}`));
    return chunks.get(number)[finding.index % page.chunk];
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = el("textarea", { class: "unseen" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const before = button.dataset.label;
    button.textContent = "Copied";
    told.textContent = `${before}: copied.`;
    setTimeout(() => { button.textContent = before; }, 1500);
  }

  function copyButton(label, text) {
    const button = el("button", { type: "button", "data-label": label, "data-copy": text }, label);
    button.addEventListener("click", () => copy(text, button));
    return button;
  }

  function rowOf(finding) {
    const detail = `detail-${finding.id}`;
    const button = el("button", { type: "button", class: "open", "aria-expanded": "false",
      "aria-controls": detail, "aria-label": `Evidence for ${finding.name}` });
    button.addEventListener("click", () => toggle(row, finding));
    const place = finding.place ? el("span", { class: "soft" }, ` (${finding.place})`) : "";
    const also = finding.also.length ? ` and ${finding.also.length} more` : "";
    const marks = [];
    if (finding.standing) marks.push(" ", el("span", { class: `tag ${finding.standing}` }, finding.standing));
    if (finding.confidence !== "confirmed") marks.push(" ", el("span", { class: "soft" }, finding.confidence));
    const row = el("tr", { class: "row", id: finding.id },
      el("td", {}, button, el("code", {}, finding.name), place,
        el("span", { class: "op" }, [finding.target, finding.operation || "Documents"].filter(Boolean).join(" · ") + also)),
      el("td", {}, ...words(finding.issue)),
      el("td", {}, ...words(finding.fix)),
      el("td", {}, el("span", { class: `tag ${finding.severity}` }, finding.severity), ...marks));
    return row;
  }

  function toggle(row, finding, open) {
    const button = row.querySelector("button.open");
    const isOpen = button.getAttribute("aria-expanded") === "true";
    if (open === isOpen) return;
    button.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) row.nextElementSibling.remove();
    else row.after(el("tr", { class: "detail", id: `detail-${finding.id}` },
      el("td", { colspan: "4" }, ...detail(finding))));
  }

  function detail(row) {
    const parts = proof(row, row);
    if (row.also.length) parts.splice(1, 0, el("p", {}, `Also: ${row.also.join(", ")}.`));
    return [...parts, ...row.same.map((one) => further(one, row))];
  }

  // What a row says of one more place; its proof is read when it is opened.
  function further(finding, row) {
    const title = `${finding.operation || "Documents"} ${finding.name}`;
    const part = el("details", { id: `same-${finding.id}` },
      el("summary", {}, title, finding.source ? ` at ${finding.source}` : ""));
    part.addEventListener("toggle", () => {
      if (part.open && part.children.length === 1) part.append(...proof(finding, row));
    });
    return part;
  }

  function proof(finding, row) {
    const its = heavy(finding);
    const parts = [];
    const where = el("p", {}, `${row.rule} · `, el("a", { href: `#${finding.id}` }, finding.id));
    if (finding.source) where.append(" · documented at ", el("code", {}, finding.source));
    parts.push(where);
    if (finding.reason) parts.push(el("p", {}, `Accepted because: ${finding.reason}`));
    const link = location.href.split("#")[0] + `#${finding.id}`;
    const tools = el("div", { class: "tools" }, copyButton("Copy link", link),
      copyButton("Copy fix", row.fix));
    if (its.patch) tools.append(copyButton("Copy patch", its.patch));
    if (row.standing !== "known") tools.append(copyButton("Copy accepting command", its.accept));
    parts.push(tools);
    parts.push(pair(el("h3", {}, "Documented"), el("pre", {}, its.documented),
      el("h3", {}, "Observed"), el("pre", {}, its.observed)));
    parts.push(...exchanges(its.evidence));
    if (its.more) parts.push(el("p", {}, `${its.more} more exchanges are in the JSON report.`));
    if (its.patch) parts.push(el("h3", {}, "Patch (JSON Patch)"), el("pre", {}, its.patch));
    return parts;
  }

  function pair(leftHead, left, rightHead, right) {
    return el("div", { class: "pair" }, el("div", {}, leftHead, left), el("div", {}, rightHead, right));
  }

  // A probe stands beside the last control before it; what has no partner stands alone.
  function exchanges(evidence) {
    const parts = evidence.length ? [el("h3", {}, "Evidence")] : [];
    let control = null;
    let used = true;
    for (const one of evidence) {
      if (one.role === "control") {
        if (!used) parts.push(exchange(control, []));
        [control, used] = [one, false];
      } else if (one.role === "probe" && control) {
        used = true;
        parts.push(el("div", { class: "pair" },
          exchange(control, lines(one)), exchange(one, lines(control))));
      } else parts.push(exchange(one, null));
    }
    if (!used) parts.push(exchange(control, null));
    return parts;
  }

  const lines = (one) => `${one.sent}\n${one.content}`.split("\n").map(plain);
  const plain = (line) => line.trim().replace(/,$/, "");

  // Lines of the request that the other side hasn't are marked, for the eye and for the ear.
  function exchange(one, other) {
    const left = new Map();
    for (const line of other || []) left.set(line, (left.get(line) || 0) + 1);
    const sent = el("pre", {});
    for (const line of `${one.sent}\n${one.content}`.trimEnd().split("\n")) {
      const count = left.get(plain(line)) || 0;
      left.set(plain(line), count - 1);
      if (other && other.length && count < 1) sent.append(el("mark", {}, `≠ ${line}`), "\n");
      else sent.append(`${line}\n`);
    }
    const head = el("p", {}, `${one.role}, `, el("b", { class: one.verdict }, one.verdict));
    if (one.note) head.append(": ", ...words(one.note));
    return el("div", {}, head, sent, el("pre", {}, `${one.status}\n${one.body}`.trimEnd()),
      el("div", { class: "tools" }, copyButton("Copy curl", one.curl)));
  }

  function value(name) { return form.elements[name]?.value || ""; }

  function choose() {
    const asked = value("search").toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = ["severity", "rule", "target", "domain", "standing"].map((name) => [name, value(name)]);
    shown = findings.filter((f) => wanted.every(([name, want]) => !want || f[name] === want) &&
      asked.every((word) => f.text.includes(word)));
    if (sorting.key) shown.sort(order);
    body.replaceChildren();
    [first, rendered] = [0, 0];
    extend(BATCH);
    told.textContent = `${all(shown)} of ${all(findings)} findings shown.`;
  }

  function order(one, other) {
    const key = (f) => (sorting.key === "severity" ? RANK[f.severity]
      : sorting.key === "field" ? `${f.operation} ${f.name}` : f[sorting.key]);
    const [a, b] = [key(one), key(other)];
    const found = a < b ? -1 : a > b ? 1 : one.index - other.index;
    return sorting.up ? found : -found;
  }

  function extend(count) {
    const fresh = shown.slice(rendered, rendered + count);
    body.append(...fresh.map(rowOf));
    rendered += fresh.length;
    more.hidden = rendered >= shown.length;
    earlier.hidden = first === 0;
  }

  function sortBy(head) {
    const key = head.dataset.sort;
    sorting = { key, up: sorting.key === key ? !sorting.up : true };
    for (const th of document.querySelectorAll("th[data-sort]")) th.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sorting.up ? "ascending" : "descending");
    choose();
  }

  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    const finding = findings.find((f) => f.id === id || f.same.some((one) => one.id === id));
    if (!finding) return;
    if (!shown.includes(finding)) { form.reset(); choose(); }
    const position = shown.indexOf(finding);
    // Far down, the rows before it wait until they are asked for.
    if (position >= rendered + BATCH) { body.replaceChildren(); [first, rendered] = [position, position]; }
    if (position < first) choose();
    if (position >= rendered) extend(position + BATCH - rendered);
    const row = document.getElementById(finding.id);
    toggle(row, finding, true);
    const place = document.getElementById(`same-${id}`);
    if (place) place.open = true;
    for (const old of document.querySelectorAll("tr.aim")) old.classList.remove("aim");
    row.classList.add("aim");
    (place || row).scrollIntoView();
    row.querySelector("button.open").focus({ preventScroll: true });
  }

  function step(by) {
    const rows = [...body.querySelectorAll("tr.row")];
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    // A browser that goes to a permalink takes the focus away from its row.
    const now = focused < 0 ? rows.findIndex((row) => row.classList.contains("aim")) : focused;
    const next = rows[Math.max(0, now + by)];
    if (next) next.querySelector("button.open").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(input|select|textarea)$/i.test(event.target.tagName)) return;
    const act = { "/": () => form.elements.search.focus(), j: () => step(1), k: () => step(-1) }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  // A printed page has the evidence of all that is shown.
  window.addEventListener("beforeprint", () => {
    if (first) choose();
    extend(shown.length);
    [...body.querySelectorAll("tr.row")].forEach((row, n) => toggle(row, shown[n], true));
  });
  form.addEventListener("input", choose);
  form.addEventListener("reset", () => setTimeout(choose));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.querySelector("button").addEventListener("click", () => sortBy(head));
  }
  more.querySelector("button").addEventListener("click", () => extend(BATCH));
  earlier.querySelector("button").addEventListener("click", choose);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) extend(BATCH);
  }, { rootMargin: "600px" }).observe(more);
  window.addEventListener("hashchange", follow);
  choose();
  follow();
  document.documentElement.dataset.ready = "true";
})();
