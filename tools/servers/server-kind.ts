import { type Keeper } from './keeper-client.ts';

/** The servers that tests can ask for. */
export type ServerKind = 'redis' | 'redis-cluster' | 'postgres' | 'mariadb' | 'mysql';

/** A server program on this machine. */
export interface Program {
  readonly path: string;
  readonly version: string;
}

/** How one kind of server is found, started and asked whether it is ready. */
export interface ServerDefinition {
  readonly kind: ServerKind;
  readonly title: string;
  /** The variable whose URL (comma-separated for several nodes) is used instead of a server of our own. */
  readonly variable: string;
  /** The oldest version that the SDK supports; an older program is passed over. */
  readonly minimum: string;
  /** Names the program may have. */
  readonly programs: readonly string[];
  /** Programs that must be at hand beside it. */
  readonly companions: readonly string[];
  /** Folders of this repository to look in, after the machine's own. */
  readonly folders: readonly string[];
  /** Debian packages that bring it; none where Debian has none. */
  readonly packages: readonly string[];
  /** The command that brings it where there are no packages. */
  readonly command: string;
  /** Its absence is told but does not fail the run. */
  readonly optional: boolean;
  /** The version in the output of `--version`, or undefined where this is another product. */
  identify(output: string): string | undefined;
  /** Starts a throw-away instance that answers when the promise settles; returns the URL of each node. */
  launch(program: Program, keeper: Keeper): Promise<readonly string[]>;
  /** Speaks to a server and returns its version; rejects where it is not ready or not of this kind. */
  ping(urls: readonly string[]): Promise<string>;
}

/** A server that answers. */
export interface RunningServer {
  readonly kind: ServerKind;
  /** The URL of the server, or of a cluster's first node. */
  readonly url: string;
  readonly nodes: readonly string[];
  readonly version: string;
  /** Where it came from: a variable or the path of a program. */
  readonly source: string;
}

/** A server that could not be had. */
export interface MissingServer {
  readonly kind: ServerKind;
  readonly title: string;
  readonly reason: string;
  /** The command that would mend it. */
  readonly command: string;
  readonly optional: boolean;
}
