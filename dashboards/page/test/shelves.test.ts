import { expect, test } from "vitest";
import { shelves } from "../src/shelves";

const row = (text: string) => text.split(" ").map((word) => ({ id: word, columns: Number(word[0]), calm: !word.endsWith("!") }));
const placed = (text: string, columns: number) => shelves(row(text), columns).map((items) => items.map((item) => item.id).join(" "));

test("calm sites fill the rows of the wall", () => {
  expect(placed("4! 1a 1b 2 3a 4 3b", 6)).toEqual(["4! 1a 1b", "2 4", "3a 3b"]);
});

test("an urgent site stays before the calm ones behind it", () => {
  expect(placed("4! 3! 2a 2b", 6)).toEqual(["4! 2a", "3! 2b"]);
  expect(placed("4! 2! 2a", 6)).toEqual(["4! 2!", "2a"]);
});

test("every site is placed once, and no row is too wide", () => {
  const items = Array.from({ length: 500 }, (_, i) => ({ id: i, columns: 1 + ((i * 7) % 5), calm: i > 40 }));
  const rows = shelves(items, 6);
  expect(rows.flat().map((item) => item.id).sort((a, b) => a - b)).toEqual(items.map((item) => item.id));
  expect(Math.max(...rows.map((items) => items.reduce((sum, item) => sum + item.columns, 0)))).toBeLessThanOrEqual(6);
});

test("one column is a list in order", () => expect(placed("1a 1b! 1c", 1)).toEqual(["1a", "1b!", "1c"]));
