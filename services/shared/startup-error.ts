/**
 * A start that failed for a reason that an operator can correct. Its message is complete without a
 * stack.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  /** The exit code of the process: 2 for settings, 1 for anything around it that does not work. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
