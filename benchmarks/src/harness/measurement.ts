/** What one measured run took, per operation. */
export interface Measurement {
  /** Of all threads of the process, user and system. */
  readonly cpuNs: number;
  readonly wallNs: number;
}
