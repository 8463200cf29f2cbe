/** One thing that the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found and, when it is not well, what to do. */
  readonly detail: string;
}
