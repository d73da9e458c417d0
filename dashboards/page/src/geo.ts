// Places on Earth as places on paper: a schematic map with its scale, no tiles.

export type Place = readonly [latitude: number, longitude: number];

export interface Sheet {
  width: number;
  height: number;
  /** Kept free at each edge, px. */
  padding: number;
}

export interface Projection {
  /** px, y down. */
  at: (place: Place) => { x: number; y: number };
  metresPerPx: number;
}

const METRES_PER_DEGREE = 111_195;
/** Less than this across is no trip; a single place stands in the middle of so much, m. */
const LEAST_M = 500;

/** Return how places are laid on a sheet, all of them on it, north up; a degree is as long both ways in the middle. */
export function projection(places: readonly Place[], sheet: Sheet): Projection {
  const south = Math.min(...places.map(([latitude]) => latitude));
  const north = Math.max(...places.map(([latitude]) => latitude));
  const west = Math.min(...places.map(([, longitude]) => longitude));
  const east = Math.max(...places.map(([, longitude]) => longitude));
  const middle = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  const squeeze = Math.cos((middle.latitude * Math.PI) / 180);
  const tallM = Math.max((north - south) * METRES_PER_DEGREE, LEAST_M);
  const wideM = Math.max((east - west) * squeeze * METRES_PER_DEGREE, LEAST_M);
  const metresPerPx = Math.max(wideM / (sheet.width - 2 * sheet.padding), tallM / (sheet.height - 2 * sheet.padding));
  const pxPerDegree = METRES_PER_DEGREE / metresPerPx;
  return {
    metresPerPx,
    at: ([latitude, longitude]) => ({
      x: sheet.width / 2 + (longitude - middle.longitude) * squeeze * pxPerDegree,
      y: sheet.height / 2 - (latitude - middle.latitude) * pxPerDegree,
    }),
  };
}

/** Return the longest round length (1, 2 or 5 and zeros) that is not longer on paper than so many px. */
export function scaleBar(metresPerPx: number, mostPx: number): { metres: number; px: number } {
  const most = metresPerPx * mostPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  return { metres, px: metres / metresPerPx };
}

export interface Fix {
  at: string;
  latitude: number;
  longitude: number;
  /** Nothing is known since the fix before. */
  gap: boolean;
}

/** Return the pieces of a track in which something is known, and the leaps between them. */
export function pieces(fixes: readonly Fix[]): { known: Place[][]; leaps: [Place, Place][] } {
  const known: Place[][] = [];
  const leaps: [Place, Place][] = [];
  for (const fix of fixes) {
    const place: Place = [fix.latitude, fix.longitude];
    const last = known.at(-1);
    if (!last) known.push([place]);
    else if (fix.gap) {
      leaps.push([last.at(-1) as Place, place]);
      known.push([place]);
    } else last.push(place);
  }
  return { known, leaps };
}
