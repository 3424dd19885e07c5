import { TunicError } from '../errors/tunic-error.ts';

/**
 * The part of the Standard Schema interface (version 1) that validation needs; schemas of zod, valibot, arktype and
 * others fit it.
 *
 * Source: https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the value it made of it, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value, and where. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Checks that an object is a schema, to fail where it is given and not where it is used. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Record<string, unknown>)['~standard'];
  return typeof standard === 'object' && standard !== null && 'validate' in standard;
}

/**
 * What the schema makes of `value`.
 *
 * @throws `ERR_TUNIC_TASK_INPUT` naming every issue and its path; never retryable
 */
export async function validate(schema: StandardSchema, value: unknown, subject: string): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => `${showPath(issue)}${issue.message}`).join('; ');
  throw new TunicError('ERR_TUNIC_TASK_INPUT', `${subject}: ${issues}`, { cause: result.issues });
}

function showPath(issue: StandardIssue): string {
  if (issue.path === undefined || issue.path.length === 0) return '';
  return `${issue.path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: `;
}
