/** Lines of a table whose columns stand under one another; figures stand to the right. */
export function alignTable(header: readonly string[], rows: readonly (readonly string[])[], left: readonly number[]): string[] {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const format = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (left.includes(column) ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [format(header), rule, ...rows.map(format)];
}
