/**
 * One guarantee of a port as a test that needs no test runner: `run` rejects with a clear error when it is broken.
 *
 * @example
 * ```ts
 * import { type ContractCase, idempotencyStoreContract } from '@tunic/core/testing';
 *
 * const names = idempotencyStoreContract.map((contractCase: ContractCase<never>) => contractCase.name);
 * console.log(names.length > 0); // true
 * ```
 */
export interface ContractCase<H> {
  /** Says the guarantee. */
  readonly name: string;
  /** What the harness must be able to do beyond the minimum; without it, skip the case and say so. */
  readonly requires?: readonly string[];
  readonly run: (harness: H) => Promise<void>;
}
