import type { Report } from '../../src/reports/report.ts';
import type { Delivery } from '../webhook-receiver.ts';
import type { KnownCsv } from './known-csv.ts';

/** One file on its way: its key, and the ids that the service answered for it. */
export interface Order {
  readonly key: string;
  readonly csv: KnownCsv;
  readonly ids: Set<string>;
  /** Requests that were cut off and sent again. */
  retries: number;
}

/** What is there after a crash test. */
export interface Aftermath {
  readonly orders: readonly Order[];
  readonly reports: readonly Report[];
  readonly deliveries: readonly Delivery[];
  /** Files in the folder of the uploads that belong to a report. */
  readonly leftFiles: number;
  /** Cut-off uploads, which are kept until they surely are no live ones, and those that were there even after that. */
  readonly cutOffFiles: number;
  readonly staleFiles: number;
}

/** The figures of a crash test. */
export interface CrashFigures {
  readonly accepted: number;
  readonly retries: number;
  readonly succeeded: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly wrongFigures: number;
  readonly deliveries: number;
  readonly repeatedDeliveries: number;
  readonly reportedTwice: number;
  readonly notAnnounced: number;
  readonly leftFiles: number;
  readonly cutOffFiles: number;
  readonly staleFiles: number;
}

/** The figures that must be 0. */
export const FAULTS: readonly (keyof CrashFigures)[] = ['lost', 'duplicates', 'wrongFigures', 'reportedTwice', 'notAnnounced', 'leftFiles', 'staleFiles'];

/** Whether a report has the figures of its file. */
function isRight({ result }: Report, { rows, missing, mean }: KnownCsv): boolean {
  const value = result?.columns[1];
  if (result?.rows !== rows || value?.missing !== missing || value.count !== rows - missing) return false;
  return missing === rows ? value.mean === null : Math.abs((value.mean ?? NaN) - mean) <= 1e-9 * Math.abs(mean);
}

/** Counts. A report that is delivered again is the same delivery only with the same body. */
export function countFigures({ orders, reports, deliveries, ...files }: Aftermath): CrashFigures {
  const byId = new Map(reports.map((report) => [report.id, report]));
  const bodies = new Map<string, Delivery[]>();
  for (const delivery of deliveries) bodies.set(delivery.key, [...(bodies.get(delivery.key) ?? []), delivery]);
  const reportOf = ({ ids }: Order): Report | undefined => byId.get([...ids][0] ?? '');
  const accepted = orders.filter(({ ids }) => ids.size > 0);
  const succeeded = accepted.filter((order) => reportOf(order)?.state === 'succeeded');
  const known = new Set(orders.flatMap(({ ids }) => [...ids]));
  const differing = [...bodies.values()].filter((sent) => new Set(sent.map(({ body }) => body)).size > 1);
  const wrong = (order: Order): boolean => [reportOf(order), ...(bodies.get([...order.ids][0] ?? '') ?? []).map(({ report }) => report)].some((report) => report !== undefined && !isRight(report, order.csv));
  return {
    accepted: accepted.length,
    retries: orders.reduce((sum, { retries }) => sum + retries, 0),
    succeeded: succeeded.length,
    lost: orders.length - succeeded.length,
    duplicates: orders.filter(({ ids }) => ids.size > 1).length + reports.filter(({ id }) => !known.has(id)).length,
    wrongFigures: succeeded.filter(wrong).length,
    deliveries: deliveries.length,
    repeatedDeliveries: deliveries.length - bodies.size,
    reportedTwice: differing.length,
    notAnnounced: accepted.filter(({ ids }) => ![...ids].some((id) => bodies.has(id))).length,
    ...files,
  };
}
