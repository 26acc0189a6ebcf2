/** A door that can't be opened: says which setting moves it. */
export class ServicePartError extends Error {
  override readonly name = 'ServicePartError';

  constructor(setting: string, port: number, cause: Error) {
    super(`Port ${port} (${setting}) can't be listened on: ${cause.message}`, { cause });
  }
}
