import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

/** How a service is run. */
export interface ServiceProcessOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The largest file that it may write. */
  readonly maxFileBytes?: number;
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const READY = /Drop a CSV file on (\S+)/;
/** What POSIX counts `ulimit -f` in. */
const LIMIT_BLOCK_BYTES = 512;
const KEPT_CHARACTERS = 100_000;

/** The service as a process of its own on a free port; it ends with this process. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | NodeJS.Signals | null>;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    const endIt = (): void => void child.kill('SIGKILL');
    process.on('exit', endIt);
    this.#exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
    void this.#exited.then(() => process.off('exit', endIt));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-KEPT_CHARACTERS)));
  }

  /** Resolves when the service listens. */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const service = new ServiceProcess(spawnService(options));
    await until(() => READY.test(service.#output) || service.hasExited, { what: 'the service to listen' });
    if (service.hasExited) throw new Error(`the service did not start: ${service.#output}`);
    return service;
  }

  get url(): string {
    return READY.exec(this.#output)?.[1] ?? '';
  }

  /** The newest of what it wrote. */
  get output(): string {
    return this.#output;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resident memory now and at its highest, in bytes. */
  memory(): { now: number; highest: number } {
    const status = readFileSync(`/proc/${this.#child.pid ?? 0}/status`, 'utf8');
    const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]);
    return { now: kilobytes('VmRSS') * 1024, highest: kilobytes('VmHWM') * 1024 };
  }

  /** Sends a signal; {@link ended} tells what came of it. */
  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.send('SIGKILL');
    await this.#exited;
  }
}

function spawnService({ dataDir, env, maxFileBytes }: ServiceProcessOptions): ChildProcess {
  const args = ['--conditions=@tunic/source', '--import', 'tsx', MAIN];
  const options = { env: { ...process.env, PORT: '0', DATA_DIR: dataDir, ...env }, stdio: ['ignore' as const, 'pipe' as const, 'pipe' as const] };
  if (maxFileBytes === undefined) return spawn(process.execPath, args, options);
  const limited = `ulimit -S -f ${Math.floor(maxFileBytes / LIMIT_BLOCK_BYTES)} && exec "$0" "$@"`;
  return spawn('sh', ['-c', limited, process.execPath, ...args], options);
}
