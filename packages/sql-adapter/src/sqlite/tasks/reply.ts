import type { TaskHint } from '@tunic/core';

/** What a transaction answers, and what listeners shall hear once it is committed. */
export interface Reply<T> {
  value: T;
  hints: readonly TaskHint[];
}
