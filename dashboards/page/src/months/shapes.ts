// What a month of trips came to, as /api/v1/trip-months answers.

export interface CarrierMonth {
  carrier: string;
  carrier_name: string;
  trips: number;
  ended: number;
  cancelled: number;
  in_time: number;
  late: number;
  unknown: number;
  in_time_share: number | null;
  delays: { rule: string; count: number; hours: number }[];
  breaches: number;
  refused: number;
  driven_km: number;
}

export interface Compliance {
  definition: { zh: string; en: string };
  trips: number;
  unmeasured: number;
  loaded_h: number;
  known_h: number;
  within_h: number;
  share: number | null;
}

export interface Carrier {
  month: string;
  carrier: string;
  carrier_name: string;
  phone: string;
  vehicles: { vehicle: string; vehicle_name: string; plate: string; trips: number }[];
  compliance: Compliance;
  loads: number;
  tonnes: number;
  unweighed: number;
  km: number | null;
  hours: number | null;
  longest: { trip: string; vehicle_name: string; hours: number; driven_km: number }[];
  trend: { month: string; trips: number; in_time_share: number | null; breaches: number; driven_km: number }[];
}

export interface MilkWay {
  site: string;
  site_name: string;
  loads: number;
  tonnes: number;
  unweighed: number;
  km: number | null;
  hours: number | null;
}

export interface MilkMonth {
  month: string;
  by_station: MilkWay[];
  by_plant: MilkWay[];
  trend: { month: string; loads: number; tonnes: number; km: number | null; hours: number | null }[];
  longest: {
    trip: string;
    station_name: string;
    plant_name: string;
    tonnes: number | null;
    km: number | null;
    hours: number;
  }[];
  custody_h: number;
  monitored_h: number;
  monitored_share: number | null;
  unsaid_milkings: number;
}
