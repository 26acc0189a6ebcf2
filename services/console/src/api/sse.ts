/** Server-sent events over `fetch`: `EventSource` cannot carry the Authorization header. */

export interface SseMessage {
  readonly event: string;
  readonly data: string;
}

/** Incremental decoder of the event stream format; `push` takes text cut anywhere and gives the whole messages. */
export class SseDecoder {
  private rest = '';
  private event = '';
  private data: string[] = [];

  push(text: string): SseMessage[] {
    const messages: SseMessage[] = [];
    // A trailing CR may be half of a CRLF: it waits for the next piece.
    const buffer = this.rest + text;
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        this.field(line);
        continue;
      }
      if (this.data.length > 0) messages.push({ event: this.event || 'message', data: this.data.join('\n') });
      this.event = '';
      this.data = [];
    }
    return messages;
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
  }
}
