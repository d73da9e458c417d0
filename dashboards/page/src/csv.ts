// Tables as files that a spreadsheet opens rightly: UTF-8 with its mark, RFC 4180, no text that becomes a formula.

export type Cell = string | number | null;

const MARK = "\ufeff";
const FORMULA = /^[=+\-@\t\r]/;
const MARKED = /^'[=+\-@\t\r']/;
const QUOTED = /[",\r\n]/;

/** Rows as a file; an empty cell says that nobody knows. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return MARK + rows.map((row) => row.map(field).join(",") + "\r\n").join("");
}

/** Numbers stay numbers; a text gets an apostrophe where a spreadsheet would calculate it. */
function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = FORMULA.test(cell) || MARKED.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Let the browser keep a file. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
