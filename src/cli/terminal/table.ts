import type { Io } from './io.ts';
import { neutralizeLine } from './neutralize.ts';
import { cutTo, fill, widthOf } from './width.ts';

export interface Column<Row> {
  title: string;
  value(row: Row): string;
  /** Never narrower than this; undefined keeps it whole. */
  min?: number;
  /** Left out when the table does not fit: the highest first. */
  drop?: number;
  align?: 'right';
  /** Applied after the width is settled, so that colours do not count. */
  paint?(text: string, row: Row): string;
}

const GAP = '  ';

/** Columns that there are for a table: those of a terminal, else as many as it takes. */
export function tableWidth({ stdout }: Pick<Io, 'stdout'>): number {
  // A terminal that was given no size says 0.
  return stdout.isTTY === true ? stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

/**
 * Lines of a table that fit `width` columns of a terminal: long cells are cut with an ellipsis, then
 * columns left out. With `Infinity`, for files and pipes, nothing is lost. Without `titles` for rows
 * that follow later.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  options: { titles?: boolean; minWidths?: readonly number[] } = {},
): string[] {
  const cells = rows.map((row) => columns.map((column) => neutralizeLine(column.value(row))));
  const natural = columns.map((column, index) =>
    Math.max(
      widthOf(column.title),
      options.minWidths?.[index] ?? 0,
      ...cells.map((row) => widthOf(row[index]!)),
    ),
  );
  const { widths, shown } = settleWidths(columns, natural, width);
  const line = (texts: readonly string[], row?: Row) =>
    shown
      .map((index, position) => {
        const column = columns[index]!;
        const text = cutTo(texts[index]!, widths[index]!);
        const painted = row !== undefined && column.paint ? column.paint(text, row) : text;
        if (column.align === 'right') return fill(painted, widths[index]!, 'right');
        return position === shown.length - 1 ? painted : fill(painted, widths[index]!);
      })
      .join(GAP)
      .trimEnd();
  const lines = cells.map((texts, index) => line(texts, rows[index]!));
  if (options.titles !== false) lines.unshift(line(columns.map((column) => column.title)));
  return lines;
}

function settleWidths<Row>(columns: readonly Column<Row>[], natural: readonly number[], width: number) {
  const widths = [...natural];
  let shown = columns.map((_, index) => index);
  const total = () => shown.reduce((sum, index) => sum + widths[index]!, 0) + GAP.length * (shown.length - 1);
  const shrink = () => {
    while (total() > width) {
      // The widest that may give way loses one column, so that all get narrow together.
      const candidates = shown.filter(
        (index) => widths[index]! > (columns[index]!.min ?? Number.POSITIVE_INFINITY),
      );
      if (candidates.length === 0) return;
      const widest = candidates.reduce((a, b) => (widths[b]! > widths[a]! ? b : a));
      widths[widest]! -= 1;
    }
  };
  shrink();
  while (total() > width) {
    const droppable = shown.filter((index) => columns[index]!.drop !== undefined);
    if (droppable.length === 0) break;
    const out = droppable.reduce((a, b) => (columns[b]!.drop! > columns[a]!.drop! ? b : a));
    shown = shown.filter((index) => index !== out);
    for (const index of shown) widths[index] = natural[index]!;
    shrink();
  }
  return { widths, shown };
}
