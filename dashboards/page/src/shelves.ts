// Which sites share a row of the wall: urgent ones in their order, calm ones where they fill it.

export interface Sized {
  columns: number;
  /** Nothing here needs a human: its place may follow the room. */
  calm: boolean;
}

/** So far down the list a calm site may be called up to fill a row; further would take it from its neighbours. */
const LOOK_AHEAD = 24;

/**
 * Return the items row by row; each item is at most `columns` wide.
 *
 * A row starts with the first that is left. Urgent ones that still fit follow, then those calm ones that together
 * leave the least room empty, the earliest of equals. So nothing urgent ever stands below something calm that was
 * behind it, unless it did not fit.
 */
export function shelves<T extends Sized>(items: readonly T[], columns: number): T[][] {
  const left = [...items];
  const rows: T[][] = [];
  for (let first = left.shift(); first; first = left.shift()) {
    const row = [first];
    let room = columns - first.columns;
    for (let i = 0; i < left.length && room > 0; ) {
      const next = left[i] as T;
      if (next.calm || next.columns > room) i++;
      else {
        row.push(next);
        room -= next.columns;
        left.splice(i, 1);
      }
    }
    const calm = left.filter((one) => one.calm).slice(0, LOOK_AHEAD);
    const chosen = new Set(fill(calm, room));
    rows.push([...row, ...calm.filter((one) => chosen.has(one))]);
    if (chosen.size) left.splice(0, left.length, ...left.filter((one) => !chosen.has(one)));
  }
  return rows;
}

/** The subset that fills the room best; of equals the one whose items come first. */
function fill<T extends Sized>(items: readonly T[], room: number): T[] {
  const best: (T[] | null)[] = Array.from({ length: room + 1 }, (_, size) => (size === 0 ? [] : null));
  for (const item of items)
    for (let size = room; size >= item.columns; size--) {
      const before = best[size - item.columns];
      if (best[size] === null && before) best[size] = [...before, item];
    }
  return best.filter((found) => found !== null).at(-1) ?? [];
}
