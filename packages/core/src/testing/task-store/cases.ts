import type { TaskStoreBench } from './harness.ts';

/** What the store must do, and how to see it. */
export type TaskStoreCases = Readonly<Record<string, (bench: TaskStoreBench) => Promise<void>>>;
