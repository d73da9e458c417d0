// What the server says: the shapes of /api/v1 and of the frames of /api/v1/live.

export type SiteKind = "shop" | "warehouse" | "vehicle" | "plant" | "station";

export type AssetKind =
  | "glass-door-cooler"
  | "open-multideck"
  | "island"
  | "walk-in-room"
  | "freezer-room"
  | "reefer"
  | "tanker"
  | "station-tank"
  | "plant-silo"
  | "box";

export interface Health {
  status: "ok" | "catching-up" | "degraded";
  demo: boolean;
  version: string;
  server_time: string;
  position: number;
}

export interface Site {
  id: string;
  name: string;
  kind: SiteKind;
  operator: string | null;
  operator_name: string | null;
  address: string | null;
  /** Id and name; empty for none. */
  region: string;
  region_name: string;
  opening_hours: string;
  /** IANA name: what a day means there, and how its times are shown. */
  timezone: string;
}

export interface Asset {
  id: string;
  name: string;
  kind: AssetKind;
  site: string;
  points: string[];
}

export interface Rule {
  high_celsius: number | null;
  low_celsius: number | null;
  on_delay_s: number;
  deadband_kelvin: number;
  return_delay_s: number;
}

export interface Point {
  id: string;
  asset: string;
  position: string;
  quantity: "temperature" | "humidity" | "door" | "battery" | "unit" | "defrost" | "latitude" | "longitude" | "speed";
  unit: string;
  interval_s: number;
  node: string;
  /** Of its gateway: sealed-on-site, authenticated-direct, third-party. */
  evidence: string | null;
  rule: Rule | null;
}

export interface Reading {
  measured_at: string;
  value: number | boolean | null;
  fault: string | null;
  quality: string[];
  position: number;
  values?: number[];
}

export interface Bucket {
  start: string;
  count: number;
  min: number;
  max: number;
  mean: number;
}

export interface Span {
  from: string;
  to: string;
}

export interface FaultSpan extends Span {
  word: string;
}

export interface LimitStep {
  from: string;
  high_celsius: number | null;
  low_celsius: number | null;
}

/** Something that changed at a point: probe swapped, site moved, activity of the asset, calibration certificate. */
export interface Mark {
  at: string;
  kind: "probe" | "site" | "activity" | "calibration";
  before: string;
  after: string;
}

export interface Rollups extends Span {
  point: string;
  bucket_s: number;
  items: Bucket[];
  holes: Span[];
  /** Stretches in which the probe said a fault word and no value. */
  faults: FaultSpan[];
  limits: LimitStep[];
  marks: Mark[];
}

export type AlarmState =
  | "unacknowledged"
  | "acknowledged"
  | "returned-unacknowledged"
  | "latched-unacknowledged"
  | "latched-acknowledged"
  | "shelved"
  | "suppressed"
  | "out-of-service"
  | "normal"
  | "retracted"
  | "merged";

export type AlarmRule =
  | "high"
  | "low"
  | "high-high"
  | "product"
  | "freeze"
  | "cumulative"
  | "life"
  | "rate"
  | "sensor-fault"
  | "door-open"
  | "mains-lost"
  | "unit-off"
  | "set-point-wrong"
  | "battery-low"
  | "silence"
  | "node-silence"
  | "probes-silent"
  | "server-deaf"
  | "clock"
  | "weak-cabinet"
  | "correction-overdue"
  | "late-arrival"
  | "stopped"
  | "off-route"
  | "distance-over"
  | "position-gap"
  | "waiting-too-long"
  | "arrival-warm"
  | "age-at-loading"
  | "age-at-receipt"
  | "cooled-late";

export interface Alarm {
  id: string;
  point: string;
  asset: string;
  site: string;
  rule: AlarmRule;
  severity: "notice" | "warning" | "critical";
  state: AlarmState;
  onset: string;
  raised_at: string;
  ended: string | null;
  open: boolean;
  limit: number | null;
  peak: number | null;
  unit: string;
  duration_s: number;
  hole_s: number;
  late_discovered: boolean;
  merged_into: string | null;
  version: number;
  /** While shelved: until when. */
  shelved_until?: string | null;
  /** One of too many occurrences in a short time. */
  chattering?: boolean;
  guidance?: Guidance | null;
}

/** What whoever gets an alarm is told. */
export interface Guidance {
  consequence: { zh: string; en: string };
  response: { zh: string; en: string };
  /** Time to respond. */
  minutes: number;
}

/** [point, measured at in ms, value or null (a fault; doors as 0 or 1), quality bits] */
export type LatestRow = [string, number, number | null, number];

export interface Gateway {
  node: string;
  online: boolean;
  behind_batches: number;
  since: string;
}

/** A point beyond a limit whose on-delay runs: no alarm yet. */
export interface Pending {
  point: string;
  rule: AlarmRule;
  since: string;
  /** How much of the on-delay has passed at the point's last reading; holes do not count. */
  held_s: number;
}

export interface Frame {
  position: number;
  server_time: string;
  full?: boolean;
  latest?: LatestRow[];
  alarms?: Alarm[];
  /** Always the whole list. */
  pending?: Pending[];
  registry?: number;
  gateways?: Gateway[];
}

/** A channel that a gateway speaks of and nobody has claimed. */
export interface Unclaimed {
  channel: string;
  device: string;
  node: string;
  reason: string;
  /** Records that wait. */
  kept: number;
  first_at: string | null;
  measured_at: string | null;
  value: number | boolean | null;
  fault: string | null;
  unit: string;
  signal_dbm: number | null;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type TripState = "planned" | "at-stop" | "under-way" | "waiting" | "ended" | "cancelled";

/** A trip in a list. */
export interface TripShort {
  id: string;
  kind: "raw-milk" | "distribution";
  state: TripState;
  vehicle: string;
  vehicle_name: string;
  carrier: string;
  driver: string;
  order: string;
  begins: string | null;
  ends: string | null;
  started: string | null;
  over: string | null;
  newest: string | null;
  next_stop: number | null;
  next_site: string;
  /** Where it is now; empty: at no stop, or it is over. */
  at_site: string;
  expected: string | null;
  /** That the stop most at risk is missed, 0 to 1. */
  chance: number | null;
  at_risk: boolean;
  stops_total: number;
  stops_done: number;
  driven_m: number;
  planned_m: number | null;
  left_m: number | null;
  troubles: { alarm: string; rule: AlarmRule; severity: Alarm["severity"] }[];
}

export interface TripStop {
  site: string;
  site_name: string;
  latitude: number | null;
  longitude: number | null;
  purpose: "load" | "unload" | "return";
  quantity: number | null;
  unit: string;
  planned_arrival: string | null;
  planned_departure: string | null;
  window_from: string | null;
  window_to: string | null;
  /** After this it is missed. */
  due: string | null;
  arrived: string | null;
  left: string | null;
  accepted: string | null;
  refused: string | null;
  arrived_by: string;
  left_by: string;
  hole: boolean;
  expected: string | null;
  spread_s: number | null;
  chance: number | null;
}

export interface Trip extends TripShort {
  driver_phone: string;
  escort: string;
  permit: string;
  rules: string;
  legs: { vehicle: string; vehicle_name: string; from: string | null }[];
  stops: TripStop[];
  steps: { at: string; state: TripState; event: string; stop: number | null; by: string }[];
  route: [number, number][];
  alarms: Alarm[];
}

/** Where a trip went; `gap`: nothing is known since the fix before. */
export interface TripTrack extends Span {
  trip: string;
  items: { at: string; latitude: number; longitude: number; gap: boolean }[];
  points: (Span & { point: string; position: string; asset: string })[];
}

/** What a change of vehicle would bring about. */
export interface VehicleChange {
  trip: string;
  vehicle: string;
  vehicle_name: string;
  before: string;
  before_name: string;
  at: string;
  lots: { lot: string; number: string; product: string; quantity: number | null; unit: string; from: string; to: string }[];
  nowhere: { zh: string; en: string }[];
}

/** Quality bits of a reading. */
export const QUALITY = { estimated: 1, sensorClock: 2, clock: 4, conflict: 8, fault: 16 } as const;
