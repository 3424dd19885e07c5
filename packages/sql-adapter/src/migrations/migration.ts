import { TunicError } from '@tunic/core';

/** One step of a schema. Its version is its place in the list, from 1; a step that was released never changes. */
export interface Migration {
  name: string;
  /** For the tables with this prefix, in order. */
  statements(prefix: string): readonly string[];
}

/** What a store's first call may do to the schema that it finds. */
export interface MigrationPlan {
  migrations: readonly Migration[];
  /** The newest version in the database; 0 where there is none. */
  version: number;
  /** Whether missing steps may be run. */
  migrate: boolean;
}

/**
 * Whether steps are missing.
 *
 * @throws `ERR_TUNIC_STORE_SCHEMA` when the schema is newer than this code, or older and must not be touched
 */
export function needsMigration({ migrations, version, migrate }: MigrationPlan): boolean {
  const latest = migrations.length;
  if (version > latest)
    throw new TunicError(
      'ERR_TUNIC_STORE_SCHEMA',
      `the database has schema version ${version}, this code knows versions up to ${latest}: update @tunic/sql-adapter`,
    );
  if (version < latest && !migrate)
    throw new TunicError(
      'ERR_TUNIC_STORE_SCHEMA',
      `the database has schema version ${version}, this code needs ${latest}: run \`migrate(client)\``,
    );
  return version < latest;
}
