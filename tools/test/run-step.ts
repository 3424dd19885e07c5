import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command of the run that passes or fails as a whole. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** What it printed; empty where it printed straight to the terminal. */
  readonly output: string;
}

const HURRY_MS = 5000;
const running = new Map<number, Promise<unknown>>();
let ending = false;
const isEnding = (): boolean => ending;

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** Ends every running step with all the processes below it; from now on no step starts and none gives a result. */
export async function endSteps(): Promise<void> {
  ending = true;
  const pids = [...running.keys()];
  for (const pid of pids) signalGroup(pid, 'SIGTERM');
  const hurry = setTimeout(() => pids.forEach((pid) => signalGroup(pid, 'SIGKILL')), HURRY_MS);
  await Promise.all(running.values());
  clearTimeout(hurry);
}

async function follow(child: ChildProcess): Promise<{ ok: boolean; remark: string }> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { ok: code === 0, remark: signal === null ? '' : `\nended by ${signal}\n` };
  } catch (error) {
    return { ok: false, remark: String(error) };
  }
}

async function never(): Promise<never> {
  return await new Promise<never>(() => undefined);
}

/** Runs a step in a process group of its own; never rejects. */
export async function runStep(step: Step, output: 'collect' | 'stream' = 'collect'): Promise<StepResult> {
  if (isEnding()) return await never();
  const began = performance.now();
  const sink = output === 'collect' ? 'pipe' : 'inherit';
  const child = spawn(step.command, step.args, { detached: true, stdio: ['ignore', sink, sink], env: { ...process.env, ...step.environment } });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = follow(child);
  if (child.pid !== undefined) running.set(child.pid, end);
  const { ok, remark } = await end;
  if (child.pid !== undefined) running.delete(child.pid);
  if (isEnding()) return await never();
  return { name: step.name, ok, durationMs: performance.now() - began, output: Buffer.concat(chunks).toString() + remark };
}
