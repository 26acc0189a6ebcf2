/** A model bundle that can't be used, with everything that is wrong with it. */
export class BundleError extends Error {
  override readonly name = 'BundleError';

  constructor(
    readonly directory: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `The model bundle ${directory} is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      options,
    );
  }
}
