/** The HTTP status that an {@link UploadError} answers with. */
export type UploadStatus = 400 | 413 | 415 | 422 | 507;

/** An upload that cannot be taken: the status and the detail of the problem reply. */
export class UploadError extends Error {
  override readonly name: string = 'UploadError';
  readonly status: UploadStatus;
  readonly detail: string;
  /** The line of the file where the fault is, where there is one. */
  readonly line: number | undefined;

  constructor(status: UploadStatus, detail: string, options: { line?: number; cause?: unknown } = {}) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.detail = detail;
    this.line = options.line;
  }
}
