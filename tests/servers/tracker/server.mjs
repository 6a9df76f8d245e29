// A task tracker on Node's own http module: problem+json errors (RFC 7807), UUIDs, and chains of
// producers: organisation, project, task, export. Validation stops at the first problem.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

const TOKENS = { "Bearer admin-91f": "admin", "Bearer reader-33a": "reader" };
const NAME = { t: "string", min: 1, max: 60 };
const EMAIL = { t: "string", max: 100, pattern: /^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,10}$/ };
const object = (props, required = [], closed = false) => ({ t: "object", props, required, closed });

const ORGANISATION = object({ name: NAME, plan: { t: "string", enum: ["free", "team"] } }, ["name", "plan"]);
const PROJECT = object(
  {
    name: NAME,
    key: { t: "string", pattern: /^[A-Z]{2,6}$/ },
    owner: object({ name: NAME, email: EMAIL }, ["name"], true),
  },
  ["name", "key"],
  true,
);
const PRIORITY = { t: "string", enum: ["low", "normal", "high", "urgent"] };
const LABELS = { t: "array", max: 5, items: { t: "string", min: 1, max: 20 } };
const ASSIGNEE = object(
  { name: NAME, role: { t: "string", enum: ["author", "reviewer"] } },
  ["name", "role"],
);
const TASK = object(
  {
    title: { t: "string", min: 1, max: 80 },
    priority: PRIORITY,
    estimate: { t: "integer", min: 0, max: 100 },
    due: { t: "string", date: true, nullable: true },
    assignees: { t: "array", max: 4, items: ASSIGNEE },
  },
  ["title"],
);
const TASK_PATCH = object({ title: TASK.props.title, priority: PRIORITY, labels: LABELS });
const STATE = object({ state: { t: "string", enum: ["inbox", "open", "done"] } }, ["state"]);
const EXPORT = object({ format: { t: "string", enum: ["json", "csv", "pdf"] } }, ["format"]);
const RELEASE = object({ version: { t: "string", pattern: /^[0-9]{1,4}\.[0-9]{1,4}$/ } }, ["version"]);
const EMAIL_TARGET = object({ kind: { t: "string", enum: ["email"] }, address: EMAIL }, ["kind", "address"]);
const CHAT_TARGET = object(
  { kind: { t: "string", enum: ["chat"] }, room: { t: "string", min: 1, max: 30 } },
  ["kind", "room"],
);
const ALERT = object({ target: { t: "either", by: "kind", of: { email: EMAIL_TARGET, chat: CHAT_TARGET } } }, ["target"]);
const USER = object(
  { email: EMAIL, password: { t: "string", min: 8, max: 64 }, nickname: { ...NAME, nullable: true } },
  ["email", "password"],
);

const organisations = new Map();
const projects = new Map();
const tasks = new Map();
const users = new Map();

class Problem extends Error {
  constructor(status, title, detail) {
    super(detail);
    Object.assign(this, { status, title });
  }
}
const invalid = (detail) => new Problem(422, "Unprocessable Content", detail);

const isDate = (text) => {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const [year, month, day] = text.split("-").map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
};

const typed = (value, name) => {
  if (name === "array") return Array.isArray(value);
  if (name === "object" || name === "either")
    return value !== null && typeof value === "object" && !Array.isArray(value);
  if (name === "integer") return Number.isInteger(value);
  return typeof value === name;
};

// The value as it is stored (unknown members left out); throws the first problem.
function checked(value, spec, path) {
  if (value === null && spec.nullable) return null;
  if (!typed(value, spec.t)) throw invalid(`${path || "the body"} has the wrong type`);
  if (spec.t === "either") {
    const branch = Object.hasOwn(spec.of, value[spec.by]) ? spec.of[value[spec.by]] : null;
    if (!branch) throw invalid(`${path}.${spec.by} is not valid`);
    return checked(value, branch, path);
  }
  if (spec.enum && !spec.enum.includes(value)) throw invalid(`${path} is not valid`);
  const size = typeof value === "string" ? [...value].length : Array.isArray(value) ? value.length : value;
  if (spec.min !== undefined && size < spec.min) throw invalid(`${path} is too small`);
  if (spec.max !== undefined && size > spec.max) throw invalid(`${path} is too large`);
  if (spec.pattern && !spec.pattern.test(value)) throw invalid(`${path} is not valid`);
  if (spec.date && !isDate(value)) throw invalid(`${path} is not a date`);
  if (spec.t === "array") return value.map((item, index) => checked(item, spec.items, `${path}[${index}]`));
  if (spec.t !== "object") return value;
  const below = (name) => (path ? `${path}.${name}` : name);
  for (const name of spec.required)
    if (!Object.hasOwn(value, name)) throw invalid(`${below(name)} is missing`);
  const kept = {};
  for (const [name, item] of Object.entries(value)) {
    if (Object.hasOwn(spec.props, name)) kept[name] = checked(item, spec.props[name], below(name));
    else if (spec.closed) throw invalid(`${below(name)} is not allowed`);
  }
  return kept;
}

function allow(request, ...types) {
  const held = TOKENS[request.headers.authorization ?? ""];
  if (!held) throw new Problem(401, "Unauthorized", "a bearer token is needed");
  if (!types.includes(held)) throw new Problem(403, "Forbidden", "this token may not do that");
}

function body(request, spec) {
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (request.content.length && type !== "application/json")
    throw new Problem(415, "Unsupported Media Type", "send application/json");
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(request.content));
  } catch {
    throw new Problem(400, "Bad Request", "the body is not JSON");
  }
  return checked(value, spec, "");
}

function found(store, id) {
  if (!store.has(id)) throw new Problem(404, "Not Found", "there is no such resource");
  return store.get(id);
}

const keep = (store, value) => {
  store.set(value.id, value);
  return [201, value];
};

function limited(query) {
  const limit = query.get("limit") ?? "20";
  if (!/^[0-9]{1,2}$/.test(limit) || limit < 1 || limit > 50) throw invalid("limit is not valid");
  return Number(limit);
}

const newest = (store) => [...store.values()].reverse();

const ROUTES = [
  ["POST", "/organisations", (r) => {
    allow(r, "admin");
    return keep(organisations, { id: randomUUID(), ...body(r, ORGANISATION) });
  }],
  ["GET", "/organisations", (r) => {
    allow(r, "admin", "reader");
    if (!r.headers["x-client-name"]) throw new Problem(400, "Bad Request", "the header X-Client-Name is missing");
    const limit = limited(r.query);
    return [200, { organisations: newest(organisations).slice(0, limit) }];
  }],
  ["GET", "/organisations/:id", (r, id) => {
    allow(r, "admin", "reader");
    return [200, { ...found(organisations, id), internal_ref: "org" }];
  }],
  ["POST", "/organisations/:id/projects", (r, id) => {
    allow(r, "admin");
    found(organisations, id);
    return keep(projects, { id: randomUUID(), organisation_id: id, ...body(r, PROJECT) });
  }],
  ["GET", "/projects/:id", (r, id) => {
    allow(r, "admin", "reader");
    return [200, found(projects, id)];
  }],
  ["POST", "/projects/:id/tasks", (r, id) => {
    allow(r, "admin");
    found(projects, id);
    const value = body(r, TASK);
    const filled = { priority: "normal", estimate: 0, due: null, assignees: [], ...value };
    return keep(tasks, { id: randomUUID(), project_id: id, state: "inbox", labels: [], ...filled });
  }],
  ["GET", "/projects/:id/tasks", (r, id) => {
    allow(r, "admin", "reader");
    found(projects, id);
    const limit = limited(r.query);
    let rows = newest(tasks).filter((task) => task.project_id === id);
    for (const name of ["priority", "state"]) {
      const wanted = r.query.get(`filter[${name}]`);
      if (wanted === null) continue;
      const known = name === "state" ? STATE.props.state.enum : PRIORITY.enum;
      if (!known.includes(wanted)) throw invalid(`filter[${name}] is not valid`);
      rows = rows.filter((task) => task[name] === wanted);
    }
    return [200, { tasks: rows.slice(0, limit) }];
  }],
  ["GET", "/tasks/:id", (r, id) => {
    allow(r, "admin", "reader");
    return [200, found(tasks, id)];
  }],
  ["PATCH", "/tasks/:id", (r, id) => {
    allow(r, "admin");
    const task = found(tasks, id);
    return [200, Object.assign(task, body(r, TASK_PATCH))];
  }],
  ["PUT", "/tasks/:id/state", (r, id) => {
    allow(r, "admin");
    const task = found(tasks, id);
    return [200, Object.assign(task, body(r, STATE))];
  }],
  ["DELETE", "/tasks/:id", (r, id) => {
    allow(r, "admin");
    found(tasks, id);
    tasks.delete(id);
    return [204];
  }],
  ["POST", "/tasks/:id/exports", (r, id) => {
    allow(r, "admin");
    found(tasks, id);
    const { format } = body(r, EXPORT);
    if (format === "pdf") throw new TypeError("no renderer");
    return [201, { id: randomUUID(), task_id: id, format }];
  }],
  ["POST", "/projects/:id/releases", (r, id) => {
    allow(r, "admin");
    found(projects, id);
    const { version } = body(r, RELEASE);
    if (!newest(tasks).some((task) => task.project_id === id))
      throw new Problem(409, "Conflict", "the project has no tasks");
    return [201, { id: randomUUID(), project_id: id, version }];
  }],
  ["POST", "/alerts", (r) => {
    allow(r, "admin");
    return [201, { id: randomUUID(), ...body(r, ALERT) }];
  }],
  ["POST", "/users", (r) => {
    allow(r, "admin");
    const value = body(r, USER);
    const email = value.email.toLowerCase();
    if (newest(users).some((user) => user.email === email))
      throw new Problem(409, "Conflict", "this email is taken");
    return keep(users, { id: randomUUID(), email, nickname: value.nickname ?? null });
  }],
  ["GET", "/users/:id", (r, id) => {
    allow(r, "admin", "reader");
    return [200, found(users, id)];
  }],
  ["GET", "/preferences", (r) => {
    allow(r, "admin", "reader");
    const cookies = Object.fromEntries(
      (r.headers.cookie ?? "").split(/;\s*/).filter(Boolean).map((pair) => pair.split("=", 2)),
    );
    if (!["light", "dark"].includes(cookies.theme)) throw invalid("the cookie theme is not valid");
    return [200, { theme: cookies.theme }];
  }],
  ["GET", "/summary", () => [200, { organisations: organisations.size, tasks: tasks.size }]],
];

function answer(request) {
  const url = new URL(request.url, "http://localhost");
  const path = url.pathname.startsWith("/v2/") ? url.pathname.slice(3) : "";
  request.query = url.searchParams;
  let known = false;
  for (const [method, template, handler] of ROUTES) {
    const match = new RegExp(`^${template.replace(/:id/, "([^/]+)")}$`).exec(path);
    if (!match) continue;
    known = true;
    if (method === request.method) return handler(request, match[1]);
  }
  if (known) throw new Problem(405, "Method Not Allowed", "use another method");
  throw new Problem(404, "Not Found", "there is nothing here");
}

function serve(request, response) {
  let status, value;
  let type = "application/json";
  try {
    [status, value] = answer(request);
  } catch (error) {
    const { status: code = 500, title = "Internal Server Error" } = error;
    status = code;
    type = "application/problem+json";
    value = { type: "about:blank", title, status, detail: error instanceof Problem ? error.message : "unexpected" };
  }
  if (value === undefined) response.writeHead(status).end();
  else response.writeHead(status, { "content-type": type }).end(JSON.stringify(value));
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    request.content = Buffer.concat(chunks);
    serve(request, response);
  });
});
const port = Number(process.argv[2] ?? 0);
server.on("error", (error) => {
  console.error(`cannot listen on 127.0.0.1:${port}: ${error.code}`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
