/** A message of a stream of events. */
interface Message {
  readonly id: string;
  readonly name: string;
  readonly event: any;
}

/** A stream of server-sent events, over REST. */
export class Stream {
  readonly messages: Message[] = [];
  readonly #abort = new AbortController();
  readonly done: Promise<number>;

  /** @param base of the edge, such as http://127.0.0.1:8080. */
  constructor(base: string, query: string, headers: Record<string, string>) {
    this.done = this.#read(`${base}/v1/events${query}`, headers).catch(() => 0);
  }

  get events(): any[] {
    return this.messages.flatMap(({ name, event }) => (name === 'event' ? [event] : []));
  }

  get ids(): string[] {
    return this.events.map(({ id }) => id);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string, headers: Record<string, string>): Promise<number> {
    const answer = await fetch(url, { headers, signal: this.#abort.signal });
    let text = '';
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        ) as { id?: string; event?: string; data: string };
        this.messages.push({ id: lines.id ?? '', name: lines.event ?? '', event: JSON.parse(lines.data).event });
        text = text.slice(end + 2);
      }
    }
    return answer.status;
  }
}
