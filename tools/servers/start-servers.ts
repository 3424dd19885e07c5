import { type Choice } from './choose-servers.ts';
import { createKeeper, type Keeper } from './keeper-client.ts';
import { type Program, type RunningServer, type ServerDefinition } from './server-kind.ts';

export interface StartedServers {
  readonly servers: readonly RunningServer[];
  readonly close: () => Promise<void>;
}

/** A URL fit for a log. */
export function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ':***@');
}

async function launch(definition: ServerDefinition, program: Program, keeper: Keeper): Promise<readonly string[]> {
  try {
    return await definition.launch(program, keeper);
  } catch (error) {
    // Another process may have taken the port between our look and the server's.
    if (!/in use|bind/i.test(String(error))) throw error;
    return await definition.launch(program, keeper);
  }
}

async function bringUp({ definition, source }: Choice, keeper: () => Promise<Keeper>): Promise<RunningServer> {
  const own = 'program' in source;
  const nodes = own ? await launch(definition, source.program, await keeper()) : source.urls;
  return {
    kind: definition.kind,
    url: nodes[0] ?? '',
    nodes,
    version: await definition.ping(nodes),
    source: own ? source.program.path : definition.variable,
  };
}

function explain({ definition, source }: Choice, reason: unknown): string {
  const where = 'program' in source ? source.program.path : `${definition.variable}=${source.urls.map(withoutPassword).join(',')}`;
  return `${definition.title} (${where}) does not answer: ${reason instanceof Error ? reason.message || reason.name : String(reason)}`;
}

/** Starts all servers side by side; where one does not come up it ends the others and rejects, naming each that failed. */
export async function startServers(choices: readonly Choice[]): Promise<StartedServers> {
  let keeper: Promise<Keeper> | undefined;
  const getKeeper = (): Promise<Keeper> => (keeper ??= createKeeper());
  const close = async (): Promise<void> => await (await keeper)?.close();
  const outcomes = await Promise.allSettled(choices.map((choice) => bringUp(choice, getKeeper)));
  const failures = choices.flatMap((choice, index) => {
    const outcome = outcomes[index];
    return outcome?.status === 'rejected' ? [explain(choice, outcome.reason)] : [];
  });
  if (failures.length > 0) {
    await close();
    throw new Error(failures.join('\n'));
  }
  return { servers: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])), close };
}
