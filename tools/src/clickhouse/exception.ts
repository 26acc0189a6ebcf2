/**
 * A failure as a ClickHouse client understands it: the numeric code, the text
 * `Code: N. DB::Exception: … (NAME)` and the HTTP status the real server answers with.
 */
export class ClickHouseException extends Error {
  override readonly name = 'ClickHouseException';
  readonly code: number;
  readonly httpStatus: number;

  constructor(code: number, text: string, options?: { httpStatus?: number; cause?: unknown }) {
    super(text, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.httpStatus = options?.httpStatus ?? httpStatusOf(code);
  }
}

/** Codes this server raises itself; the engine raises all the others. */
export const codes = {
  badArguments: 36,
  unknownFormat: 73,
  timeoutExceeded: 159,
  readonly: 164,
  tooManySimultaneousQueries: 202,
  queryWasCancelled: 394,
  tooLargeBody: 307,
  authenticationFailed: 516,
  notImplemented: 48,
  unknown: 1002,
} as const;

/** Builds the exception text for a failure found before the engine was asked. */
export const exception = (code: number, name: string, text: string, httpStatus?: number): ClickHouseException =>
  new ClickHouseException(
    code,
    `Code: ${code}. DB::Exception: ${text} (${name})`,
    httpStatus === undefined ? undefined : { httpStatus },
  );

const badRequest = new Set([6, 26, 27, 36, 38, 41, 42, 43, 44, 53, 62, 63, 70, 72, 108, 117, 130, 131, 456, 457]);
const notFound = new Set([46, 47, 50, 56, 60, 73, 81, 115]);
const others: ReadonlyMap<number, number> = new Map([
  [48, 501],
  [159, 408],
  [164, 403],
  [202, 503],
  [307, 413],
  [516, 403],
]);

/** The HTTP status for an exception code: the caller's mistake is 4xx, everything unknown 500. */
export const httpStatusOf = (code: number): number => {
  if (badRequest.has(code)) return 400;
  if (notFound.has(code)) return 404;
  return others.get(code) ?? 500;
};

/** Turns whatever the engine's binding threw into a {@link ClickHouseException} with the text said once. */
export const toException = (error: unknown): ClickHouseException => {
  if (error instanceof ClickHouseException) return error;
  const raw = error instanceof Error ? error.message : String(error);
  let text = raw.trim();
  const repeated = /^(Code: \d+\. DB::Exception: )(?=Code: \d+\. DB::Exception: )/;
  while (repeated.test(text)) text = text.replace(repeated, '');
  text = text.replace(/( \([A-Z_]+\))(?: \(version [^)]*\)\.? ?\([A-Z_]+\))+$/, '$1');
  const code = Number(/^Code: (\d+)\./.exec(text)?.[1] ?? codes.unknown);
  if (!text.startsWith('Code: ')) text = `Code: ${code}. DB::Exception: ${text} (UNKNOWN_EXCEPTION)`;
  return new ClickHouseException(code, text, { cause: error });
};
