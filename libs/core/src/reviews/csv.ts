/** A cell in quotes where it needs them (RFC 4180). */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** RFC 4180 with a head; null is an empty cell. All rows have the columns of the first argument. */
export const formatCsv = (
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null>>[],
): string =>
  [columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? '')))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');

/** Undoes `formatCsv`: a record per row, cells by the names of the head. Throws Error when a quote is not closed. */
export const parseCsv = (text: string): readonly Readonly<Record<string, string>>[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 2) {
        const quote = text.indexOf('"', at);
        if (quote < 0) throw new Error(`row ${rows.length + 1}: a quote is not closed`);
        value += text.slice(at, quote);
        at = quote;
        if (text[quote + 1] !== '"') break;
        value += '"';
      }
      at += 1;
    } else {
      const end = text.slice(at).search(/[,\r\n]/);
      value = end < 0 ? text.slice(at) : text.slice(at, at + end);
      at += value.length;
    }
    row.push(value);
    if (text[at] === ',') {
      at += 1;
      // A comma at the very end: one more, empty cell.
      if (at === text.length) row.push('');
      continue;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  const [head = [], ...records] = rows;
  return records.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
};
