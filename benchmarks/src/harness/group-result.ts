import type { SizeResult } from './bundle-size.ts';
import type { Group } from './row.ts';
import type { RowResult } from './run-row.ts';

/** What a group came to. */
export interface GroupResult {
  readonly group: Group;
  readonly rows: readonly RowResult[];
  readonly sizes: readonly SizeResult[];
}

/** Whether something could not be measured. A budget that was missed is a result like any other. */
export function isBroken({ rows, sizes }: GroupResult): boolean {
  return rows.some(({ errors }) => errors.size > 0) || sizes.some(({ bytes }) => bytes === undefined);
}
