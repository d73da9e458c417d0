// What /api/v1 says of messages and drills.

import type { Alarm } from "../contract";

export interface AlarmStep {
  at: string;
  from: string;
  to: string;
  trigger: string;
  reason: string;
  who: string;
}

export interface AlarmWhole extends Alarm {
  transitions: AlarmStep[];
}

export type MessageState = "waiting" | "accepted" | "failed";

export interface SentMessage {
  key: string;
  name: string;
  kind: string;
  state: MessageState;
  way: string;
  title: string;
  why: string;
  made_at: string;
  ended_at: string | null;
}

export interface Drill {
  name: string;
  sent_at: string;
  confirmed_at: string | null;
  in_time: boolean;
}
