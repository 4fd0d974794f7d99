// Shows the OpenAPI document of this server, and sends requests to it.
const node = (tag, content = [], attributes = {}) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...[content].flat());
  return made;
};

const api = await (await fetch("/openapi.json")).json();

const resolved = (schema) => {
  while (schema?.$ref) {
    schema = schema.$ref.slice(2).split("/").reduce((found, key) => found[key], api);
  }
  return schema ?? {};
};

const typeOf = (schema) => {
  if (schema.$ref) schema = resolved(schema);
  if (schema.enum) return schema.enum.join(" | ");
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms) return forms.map(typeOf).join(" | ");
  if (schema.type === "array") return `[${typeOf(schema.items ?? {})}]`;
  return [schema.type, schema.format].filter(Boolean).join(" ");
};

const fieldTable = (schema) => {
  const { properties = {}, required = [] } = resolved(schema);
  const rows = Object.entries(properties).map(([name, field]) => node("tr", [
    node("td", node("code", name + (required.includes(name) ? " *" : ""))),
    node("td", typeOf(field)),
    node("td", field.description ?? resolved(field).description ?? ""),
  ]));
  return rows.length ? [node("table", rows)] : [];
};

const authorization = () => {
  const key = document.getElementById("key").value;
  return key ? { Authorization: `Bearer ${key}` } : {};
};

const trial = (path, method, operation) => {
  const inputs = (operation.parameters ?? []).map(resolved).map((parameter) => {
    const input = node("input", [], { placeholder: parameter.description ?? "" });
    return { parameter, input };
  });
  const [mediaType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = mediaType && node("textarea", [], {
    rows: 10,
    value: JSON.stringify(content.example ?? {}, null, mediaType.endsWith("ndjson") ? 0 : 2),
  });
  const answer = node("pre", "", { hidden: true });
  const send = async () => {
    const query = new URLSearchParams();
    const headers = authorization();
    let target = path;
    for (const { parameter, input } of inputs) {
      if (!input.value) continue;
      if (parameter.in === "path") {
        target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      } else if (parameter.in === "query") query.append(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (mediaType) headers["Content-Type"] = mediaType;
    const url = query.size ? `${target}?${query}` : target;
    const response = await fetch(url, { method, headers, body: body?.value });
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
    answer.textContent = `${response.status} ${response.statusText}\n${shown}`;
    answer.hidden = false;
  };
  return [
    ...inputs.map(({ parameter, input }) => node("label", [`${parameter.name} `, input])),
    ...(body ? [body] : []),
    ...(path === "/v1/feed" ? [] : [node("button", "Send", { onclick: send })]),
    answer,
  ];
};

const details = (path, method, operation) => {
  const content = Object.values(operation.requestBody?.content ?? {})[0];
  const shown = node("details", node("summary", [
    node("b", method.toUpperCase()), node("code", path), node("span", operation.summary ?? ""),
  ]));
  shown.addEventListener("toggle", () => {
    if (shown.childElementCount > 1) return;
    shown.append(
      node("p", operation.description ?? ""),
      ...(content ? fieldTable(content.schema) : []),
      ...trial(path, method.toUpperCase(), operation),
    );
  });
  return shown;
};

const groups = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const tag = operation.tags?.[0] ?? "other";
    if (!groups.has(tag)) groups.set(tag, []);
    groups.get(tag).push({ text: `${path} ${operation.summary}`.toLowerCase(), shown: details(path, method, operation) });
  }
}
const sections = [...groups].map(([tag, items]) => ({
  items, shown: node("section", [node("h2", tag), ...items.map((item) => item.shown)]),
}));
document.getElementById("operations").replaceChildren(...sections.map(({ shown }) => shown));
document.getElementById("filter").addEventListener("input", ({ target }) => {
  const wanted = target.value.toLowerCase();
  for (const { items, shown } of sections) {
    for (const item of items) item.shown.hidden = !item.text.includes(wanted);
    shown.hidden = items.every((item) => item.shown.hidden);
  }
});
