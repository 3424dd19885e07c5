import { BEST_PEER, type Budget } from './row.ts';
import type { RowResult } from './run-row.ts';

/** Tunic held against one other contender. */
export interface Verdict {
  readonly budget: Budget;
  /** Whom it was held against in this run. */
  readonly against: string;
  /** Tunic over the other, in the measure of the budget. */
  readonly ratio: number;
  readonly met: boolean;
}

/** The contender that budgets are about. */
export const SUBJECT = 'tunic';

/** Holds a row against its budgets. A budget whose sides have not both been measured has no verdict. */
export function judge(result: RowResult): Verdict[] {
  return result.row.budgets.flatMap((budget) => {
    const against = budget.against === BEST_PEER ? bestPeer(result, budget.measure) : budget.against;
    const ratio = against === undefined ? undefined : ratioTo(result, against, budget.measure);
    if (against === undefined || ratio === undefined) return [];
    return [{ budget, against, ratio, met: budget.measure === 'cpu' ? ratio <= budget.limit : ratio >= budget.limit }];
  });
}

/** Tunic over `other`: CPU per operation, or operations per second. */
export function ratioTo({ results }: RowResult, other: string, measure: Budget['measure']): number | undefined {
  const own = results.get(SUBJECT);
  const theirs = results.get(other);
  if (own === undefined || theirs === undefined) return undefined;
  return measure === 'cpu' ? own.cpuNs / theirs.cpuNs : theirs.wallNs / own.wallNs;
}

function bestPeer({ row, results }: RowResult, measure: Budget['measure']): string | undefined {
  const cost = (name: string): number => results.get(name)?.[measure === 'cpu' ? 'cpuNs' : 'wallNs'] ?? Infinity;
  const peers = [...results.keys()].filter((name) => name !== SUBJECT && row.contenders[name]?.floor !== true);
  return peers.sort((a, b) => cost(a) - cost(b))[0];
}
