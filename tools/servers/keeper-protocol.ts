/** A program to run on behalf of the process that owns the keeper. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What ends it; killed outright when that takes too long. */
  readonly stopSignal?: 'SIGQUIT' | 'SIGTERM' | 'SIGKILL';
}

/** From the owner to the keeper. */
export interface Order {
  readonly id: number;
  readonly command: Command;
}

/** From the keeper to its owner. */
export type Report =
  | { readonly type: 'ready'; readonly folder: string }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'ended'; readonly id: number; readonly ok: boolean; readonly detail: string };
