// A pretend server for looking at the page while working on it: built files from ../../static, the HTTP and
// WebSocket contract of /api/v1 with invented values. No data of anybody, nothing is stored.
//
//   node mock/server.mjs [port]        MOCK_ASSETS=2000 for a large fleet

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const PORT = Number(process.argv[2] ?? 8899);
const STATIC = join(import.meta.dirname, "../../static");
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MIME = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const MIN = 60_000;
const HOUR = 60 * MIN;
const START = Date.now();

// ---- the world --------------------------------------------------------------------------------------------

const sites = [];
const assets = [];
const points = [];
const worlds = new Map(); // point → (ms) => value, null (fault) or undefined (hole)
const gateways = new Map();

const RULES = {
  cooler: { high_celsius: 8, low_celsius: 0, on_delay_s: 1800, deadband_kelvin: 0.5, return_delay_s: 300 },
  deck: { high_celsius: 10, low_celsius: 0, on_delay_s: 1800, deadband_kelvin: 0.5, return_delay_s: 300 },
  room: { high_celsius: 6, low_celsius: 0, on_delay_s: 900, deadband_kelvin: 0.5, return_delay_s: 300 },
  frozen: { high_celsius: -15, low_celsius: null, on_delay_s: 900, deadband_kelvin: 1, return_delay_s: 300 },
  milk: { high_celsius: 6, low_celsius: 1, on_delay_s: 600, deadband_kelvin: 0.3, return_delay_s: 300 },
};

function noise(seed, ms) {
  let sum = 0;
  for (let i = 1; i <= 3; i++) sum += Math.sin(ms / (MIN * (7.3 * i + (seed % 5))) + seed * i * 1.7) / i;
  return sum / 1.8;
}

let seed = 1;
function place(id, name, kind, operator, address, node, online = true, behind = 0, sinceMin = 600) {
  sites.push({ id, name, kind, operator, operator_name: operator, address, region: "", region_name: "", opening_hours: "", timezone: "Asia/Shanghai" });
  gateways.set(node, { node, online, behind_batches: behind, since: iso(START - sinceMin * MIN) });
}

function asset(id, name, kind, site, node, places, { base, rule, swing = 0.7, world, door, interval = 60 }) {
  const ids = [];
  for (const position of places) {
    const s = seed++;
    const pid = `${id}.${position}`;
    ids.push(pid);
    points.push({ id: pid, asset: id, position, quantity: "temperature", unit: "Cel", interval_s: interval, node, rule: position === "supply-air" ? null : rule });
    const offset = position === "supply-air" ? -2.6 : position === "product" ? 0.4 : 0;
    const calm = position === "product" ? 0.35 : 1;
    const plain = (ms) => base + offset + swing * calm * noise(s, ms) + 0.12 * Math.sin(ms / 1000 + s);
    worlds.set(pid, (ms) => (world ? world(ms, plain(ms), position) : plain(ms)));
  }
  if (door) {
    const pid = `${id}.door`;
    ids.push(pid);
    points.push({ id: pid, asset: id, position: "door", quantity: "door", unit: "bool", interval_s: interval, node, rule: null });
    worlds.set(pid, door === true ? (ms) => (noise(seed, ms * 3) > 0.86 ? 1 : 0) : door);
  }
  assets.push({ id, name, kind, site, points: ids });
}

const iso = (ms) => new Date(ms).toISOString();
const between = (ms, from, to) => ms >= from && ms < to;
/** First-order rise towards `to` since `from`, time constant in minutes. */
const rise = (ms, from, base, to, tau) => (ms < from ? base : to - (to - base) * Math.exp(-(ms - from) / (tau * MIN)));

place("shop-1", "人民路店", "shop", "晨牧乳品", "人民路 18 号", "gw-shop-1");
const doorOpenAt = START - 34 * MIN;
asset("cooler-101", "1 号冷藏柜", "glass-door-cooler", "shop-1", "gw-shop-1", ["return-air", "product"], {
  base: 4.2, rule: RULES.cooler, door: (ms) => (ms > doorOpenAt ? 1 : noise(3, ms * 3) > 0.9 ? 1 : 0),
  world: (ms, v, position) => (position === "product" ? rise(ms, doorOpenAt, v, 9, 120) : rise(ms, doorOpenAt, v, 13, 26)),
});
asset("cooler-102", "2 号冷藏柜", "glass-door-cooler", "shop-1", "gw-shop-1", ["return-air"], { base: 3.8, rule: RULES.cooler, door: true });
asset("deck-103", "酸奶风幕柜", "open-multideck", "shop-1", "gw-shop-1", ["return-air", "supply-air"], { base: 6.1, rule: RULES.deck, swing: 1.1 });
asset("island-104", "冷冻岛柜", "island", "shop-1", "gw-shop-1", ["return-air"], { base: -18.6, rule: RULES.frozen, swing: 1 });

place("shop-2", "大学城店", "shop", "晨牧乳品", "学府街 6 号", "gw-shop-2");
asset("cooler-201", "1 号冷藏柜", "glass-door-cooler", "shop-2", "gw-shop-2", ["return-air"], { base: 4.6, rule: RULES.cooler, door: true });
asset("cooler-202", "2 号冷藏柜", "glass-door-cooler", "shop-2", "gw-shop-2", ["return-air"], {
  base: 4.4, rule: RULES.cooler, door: true, world: (ms, v) => (ms > START - 25 * MIN ? null : v),
});
asset("deck-203", "鲜奶风幕柜", "open-multideck", "shop-2", "gw-shop-2", ["return-air"], {
  base: 6.4, rule: RULES.deck, world: (ms, v) => rise(ms, START - 13 * MIN, v, 13.4, 14),
});
asset("box-204", "配送保温箱 7", "box", "shop-2", "gw-shop-2", ["product"], { base: 5.1, rule: null });

place("wh-1", "城东冷库", "warehouse", "晨牧乳品", "物流大道 200 号", "gw-wh-1");
asset("room-1", "冷藏间 A", "walk-in-room", "wh-1", "gw-wh-1", ["return-air", "middle"], {
  base: 3.1, rule: RULES.room, door: true, world: (ms, v) => (between(ms, START - 3.2 * HOUR, START - 2.4 * HOUR) ? undefined : v),
});
asset("room-2", "冷藏间 B", "walk-in-room", "wh-1", "gw-wh-1", ["return-air"], { base: 2.8, rule: RULES.room, door: true });
asset("room-3", "冷冻间", "freezer-room", "wh-1", "gw-wh-1", ["return-air"], { base: -20.4, rule: RULES.frozen, door: true });
asset("room-4", "发货月台", "walk-in-room", "wh-1", "gw-wh-1", ["return-air"], { base: 4.1, rule: RULES.room, swing: 1.2, door: true });

place("fleet-1", "配送车队", "vehicle", "顺安冷链", null, "gw-truck-1", false, 0, 192);
gateways.set("gw-truck-2", { node: "gw-truck-2", online: true, behind_batches: 12, since: iso(START - 6 * MIN) });
gateways.set("gw-truck-3", { node: "gw-truck-3", online: true, behind_batches: 0, since: iso(START - 300 * MIN) });
gateways.set("gw-truck-4", { node: "gw-truck-4", online: true, behind_batches: 0, since: iso(START - 300 * MIN) });
asset("truck-1", "沪A·D12345", "reefer", "fleet-1", "gw-truck-1", ["return-air", "supply-air"], {
  base: 4, rule: RULES.cooler, interval: 120, door: true, world: (ms, v) => (ms > START - 192 * MIN ? undefined : v),
});
asset("truck-2", "沪A·D20817", "reefer", "fleet-1", "gw-truck-2", ["return-air", "supply-air"], {
  base: 3.4, rule: RULES.cooler, interval: 120, door: true, world: (ms, v) => (ms > START - 47 * MIN ? undefined : v),
});
asset("truck-3", "沪A·D33760", "reefer", "fleet-1", "gw-truck-3", ["return-air", "supply-air"], { base: 4.3, rule: RULES.cooler, interval: 60, door: true, swing: 1.3 });
asset("tanker-4", "沪B·G0912 奶罐车", "tanker", "fleet-1", "gw-truck-4", ["product"], { base: 3.6, rule: RULES.milk, swing: 0.3 });

place("station-1", "南桥奶站", "station", "南桥合作社", "南桥镇 3 组", "gw-station-1");
asset("tank-1", "1 号贮奶罐", "station-tank", "station-1", "gw-station-1", ["product"], { base: 3.7, rule: RULES.milk, swing: 0.3 });
asset("tank-2", "2 号贮奶罐", "station-tank", "station-1", "gw-station-1", ["product"], {
  base: 3.9, rule: RULES.milk, swing: 0.3, world: (ms, v) => rise(ms, START - 2 * HOUR, v, 7.6, 40),
});
asset("tank-3", "3 号贮奶罐", "station-tank", "station-1", "gw-station-1", ["product"], { base: 2.0, rule: RULES.milk, swing: 0.2 });

place("plant-1", "乳品一厂", "plant", "晨牧乳品", "工业路 1 号", "gw-plant-1");
for (let i = 1; i <= 5; i++)
  asset(`silo-${i}`, `${i} 号奶仓`, "plant-silo", "plant-1", "gw-plant-1", ["product"], { base: 2.9 + i * 0.2, rule: RULES.milk, swing: 0.25 });

for (let i = assets.length, shop = 10; i < Number(process.env.MOCK_ASSETS ?? 0); i += 8, shop++) {
  place(`shop-${shop}`, `第 ${shop} 店`, "shop", "晨牧乳品", null, `gw-shop-${shop}`);
  for (let k = 0; k < 8; k++)
    asset(`cooler-${shop}-${k}`, `${k + 1} 号柜`, k % 3 ? "glass-door-cooler" : "open-multideck", `shop-${shop}`, `gw-shop-${shop}`, ["return-air"], { base: 4 + (k % 3), rule: RULES.deck, door: k % 2 === 0 });
}

// ---- alarms -----------------------------------------------------------------------------------------------

const alarms = new Map();
function raise(id, point, more) {
  const { asset: asset_, rule } = points.find((p) => p.id === point);
  const { site } = assets.find((a) => a.id === asset_);
  const alarm = {
    id, point, asset: asset_, site, rule: "high", severity: "warning", state: "unacknowledged", onset: iso(START), raised_at: iso(START), ended: null,
    open: true, unit: "Cel", limit: rule.high_celsius, peak: rule.high_celsius + 1, duration_s: 0, hole_s: 0, late_discovered: false, merged_into: null, version: 1,
    changed: position, ...more,
  };
  alarms.set(id, alarm);
}
let position = 1000;
raise("a-tank-2", "tank-2.product", {
  state: "acknowledged", onset: iso(START - 62 * MIN), raised_at: iso(START - 52 * MIN), peak: 7.2, duration_s: 62 * 60,
});
raise("a-truck-1", "truck-1.return-air", {
  onset: iso(START - 4.5 * HOUR), raised_at: iso(START - 3 * HOUR), ended: iso(START - 3.6 * HOUR), open: false, state: "normal", peak: 10.4,
  duration_s: 54 * 60, hole_s: 11 * 60, late_discovered: true,
});
raise("a-deck-103", "deck-103.return-air", {
  onset: iso(START - 26 * HOUR), raised_at: iso(START - 25.5 * HOUR), ended: iso(START - 25 * HOUR), open: false, state: "returned-unacknowledged", peak: 11.8, duration_s: 3600,
});
raise("a-silo-3", "silo-3.product", {
  rule: "low", limit: 1, onset: iso(START - 50 * HOUR), raised_at: iso(START - 50 * HOUR), ended: iso(START - 49.6 * HOUR), open: false, state: "normal", peak: 0.6, duration_s: 1440,
});
for (let i = 0; i < 70; i++)
  raise(`a-old-${i}`, "room-4.return-air", {
    onset: iso(START - (60 + i * 9) * HOUR), raised_at: iso(START - (60 + i * 9) * HOUR), ended: iso(START - (59.4 + i * 9) * HOUR), open: false, state: "normal", peak: 6.8 + (i % 5) * 0.3, duration_s: 2160,
  });
position++;
setTimeout(() => {
  position++;
  raise("a-cooler-101", "cooler-101.return-air", {
    severity: "critical", onset: iso(START - 30 * MIN), raised_at: iso(Date.now()), peak: 10.7, duration_s: 1800, changed: position,
  });
}, Number(process.env.MOCK_ALARM_MS ?? 6000));
const said = ({ changed, ...alarm }) => alarm;

// ---- readings ---------------------------------------------------------------------------------------------

const FAST_MS = 5000; // values arrive faster than the expected interval, so that the page moves
const dataAt = (point, ms) => worlds.get(point)(Math.floor(ms / FAST_MS) * FAST_MS);

function lastAt(point, now) {
  const step = points.find((p) => p.id === point).interval_s * 1000;
  let at = Math.floor(now / FAST_MS) * FAST_MS - ((point.length * 700) % FAST_MS);
  while (dataAt(point, at) === undefined && at > now - 24 * HOUR) at -= step / 2;
  return at;
}

/** Points outside their limit without an alarm, and since when. */
function pending(now) {
  const found = [];
  const ringing = new Set([...alarms.values()].filter((alarm) => alarm.open).map((alarm) => alarm.point));
  for (const { id, rule, interval_s } of points) {
    if (!rule || ringing.has(id)) continue;
    const out = (ms) => dataAt(id, ms) >= rule.high_celsius;
    let since = lastAt(id, now);
    if (now - since > 2000 * interval_s || !out(since)) continue;
    while (out(since - FAST_MS)) since -= FAST_MS;
    found.push({ point: id, rule: "high", since: iso(since), held_s: Math.floor((lastAt(id, now) - since) / 1000) });
  }
  return found;
}

const saidAt = new Map();
function latest(now, changedOnly) {
  const rows = [];
  for (const { id } of points) {
    const at = lastAt(id, now);
    if (changedOnly && saidAt.get(id) === at) continue;
    if (changedOnly) saidAt.set(id, at);
    const value = dataAt(id, at);
    rows.push([id, at, value === null || value === undefined ? null : Number(value.toFixed(2)), value === null ? 16 : 0]);
  }
  return rows;
}

function rollups(point, from, to, buckets) {
  const info = points.find((p) => p.id === point);
  const bucket = Math.max(60_000, Math.ceil((to - from) / buckets / 60_000) * 60_000);
  const items = [];
  const holes = [];
  let hole = null;
  const end = Math.min(to, Date.now());
  for (let start = Math.floor(from / bucket) * bucket; start < end; start += bucket) {
    const values = [];
    let broken = false;
    for (let i = 0; i < 5; i++) {
      const v = worlds.get(point)(start + (bucket * i) / 5);
      if (v === null) broken = true;
      else if (v !== undefined) values.push(v);
    }
    if (values.length === 0) {
      if (!broken) hole ??= start;
      continue;
    }
    if (hole !== null && start - hole > 2 * info.interval_s * 1000) holes.push({ from: iso(hole), to: iso(start) });
    hole = null;
    items.push({ start: iso(start), count: values.length, min: Math.min(...values), max: Math.max(...values), mean: values.reduce((a, b) => a + b) / values.length });
  }
  if (hole !== null && worlds.get(point)(end) === undefined) holes.push({ from: iso(hole), to: iso(end) });
  const limits = info.rule
    ? [
        { from: iso(from), high_celsius: info.rule.high_celsius + 2, low_celsius: info.rule.low_celsius },
        { from: iso(START - 4 * HOUR), high_celsius: info.rule.high_celsius, low_celsius: info.rule.low_celsius },
      ].filter((l, i) => i === 1 || from < START - 4 * HOUR)
    : [];
  return { point, from: iso(from), to: iso(to), bucket_s: bucket / 1000, items, holes, faults: faults(point, from, end), limits, marks: marks(from, end) };
}

/** Every cooler got another probe two hours before the start, and its certificate with it. */
function marks(from, to) {
  const at = START - 2 * HOUR;
  if (at < from || at >= to) return [];
  return [
    { at: iso(at), kind: "probe", before: "urn:dev:mac:0024befffe804ff1:temperature", after: "urn:dev:mac:0024befffe804ff9:temperature" },
    { at: iso(at), kind: "calibration", before: "", after: "JL-2026-0417" },
  ];
}

function faults(point, from, to) {
  const spans = [];
  for (let at = Math.floor(from / MIN) * MIN; at < to; at += MIN) {
    if (worlds.get(point)(at) !== null) continue;
    if (spans.at(-1)?.to === at) spans.at(-1).to = at + MIN;
    else spans.push({ from: at, to: at + MIN });
  }
  return spans.map((span) => ({ from: iso(span.from), to: iso(Math.min(span.to, to)), word: "no-probe" }));
}

function readings(point, from, to, limit) {
  const info = points.find((p) => p.id === point);
  const items = [];
  const step = info.interval_s * 1000;
  for (let at = Math.ceil(from / step) * step; at <= Math.min(to, Date.now()) && items.length < limit; at += step) {
    const value = dataAt(point, at);
    if (value === undefined) continue;
    const k = Math.floor(at / step) % 11;
    const quality = value === null ? ["fault"] : k === 3 ? ["estimated"] : k === 7 ? ["sensor-clock"] : [];
    items.push({ measured_at: iso(at), value: value === null ? null : Number(value.toFixed(2)), fault: value === null ? "no-probe" : null, quality, position: 1, values: value === null ? [] : [value] });
  }
  return { items, next: null };
}

// ---- HTTP -------------------------------------------------------------------------------------------------

function answer(path, query) {
  const list = (items) => ({ items, next: null });
  if (path === "health")
    return { status: "ok", demo: process.env.MOCK_DEMO !== "0", version: "0.1.0", server_time: iso(Date.now()), position, projections: [], counters: {} };
  if (path === "sites") return list(sites);
  if (path === "assets") return list(assets);
  if (path === "points") return list(points);
  if (path === "alarms") {
    const every = [...alarms.values()].filter((a) => query.get("state") === "all" || a.open).sort((a, b) => b.onset.localeCompare(a.onset));
    const at = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    return { items: every.slice(at, at + limit).map(said), next: at + limit < every.length ? String(at + limit) : null };
  }
  const match = /^points\/([^/]+)\/(readings|rollups)$/.exec(path);
  const point = match && decodeURIComponent(match[1]);
  if (!match || !worlds.has(point)) return null;
  const from = Date.parse(query.get("from"));
  const to = Date.parse(query.get("to"));
  return match[2] === "rollups" ? rollups(point, from, to, Number(query.get("buckets") ?? 600)) : readings(point, from, to, Number(query.get("limit") ?? 100));
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const headers = { "content-security-policy": CSP, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
  if (url.pathname.startsWith("/api/v1/")) {
    const body = answer(url.pathname.slice(8), url.searchParams);
    const type = body ? "application/json" : "application/problem+json";
    response.writeHead(body ? 200 : 404, { ...headers, "content-type": type });
    response.end(JSON.stringify(body ?? { type: "about:blank", title: "Not found", status: 404, detail: url.pathname }));
    return;
  }
  const path = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
  try {
    const file = await readFile(join(STATIC, path));
    response.writeHead(200, { ...headers, "content-type": MIME[extname(path)] ?? "application/octet-stream" });
    response.end(file);
  } catch {
    response.writeHead(404, headers).end();
  }
});

// ---- WebSocket (server to client text frames only) --------------------------------------------------------

const clients = new Set();
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const since = Number(new URL(request.url, "http://localhost").searchParams.get("since") ?? 0);
  const client = { socket, since };
  send(client, since === 0, latest(Date.now(), false), [...gateways.values()]);
  clients.add(client);
  const gone = () => (clients.delete(client), socket.destroy());
  socket.on("close", gone).on("error", gone);
  socket.on("data", (data) => (data[0] & 0x0f) === 8 && gone());
});

function send(client, full, rows, said_gateways = []) {
  const changed = [...alarms.values()].filter((a) => full || a.changed > client.since).map(said);
  const frame = { position, server_time: iso(Date.now()), full, latest: rows, alarms: changed, pending: pending(Date.now()), registry: 17, gateways: said_gateways };
  client.since = position;
  const text = Buffer.from(JSON.stringify(frame));
  const head = text.length < 126 ? Buffer.from([0x81, text.length]) : text.length < 65536 ? Buffer.from([0x81, 126, text.length >> 8, text.length & 255]) : Buffer.alloc(10);
  if (head.length === 10) {
    head[0] = 0x81;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(text.length), 2);
  }
  client.socket.write(Buffer.concat([head, text]));
}

setInterval(() => {
  if (clients.size === 0) return;
  position++;
  const rows = latest(Date.now(), true);
  for (const client of clients) send(client, false, rows);
}, 1000);

server.listen(PORT, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${PORT}/`));
