import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What happens to the connection that sends the next commit: `before` holds the commit back, lets the answers to what
 * was sent before it arrive, and then cuts it; `after` cuts it once PostgreSQL has committed; `late` cuts the client at
 * once and sends the commit on after a while; `lost` cuts the client and leaves PostgreSQL waiting for ever.
 */
export type Cut = 'before' | 'after' | 'late' | 'lost';

/**
 * Where a wire falls silent: `before` a statement, `within` it, when PostgreSQL has its values but not yet the order to
 * run it, or `after` it, so that it runs and its answer is not heard.
 */
export type Silence = 'before' | 'within' | 'after';

const LATE_MS = 400;
const ANSWERED_MS = 100;
const BIND = 0x42;
const PARSE = 0x50;
const SYNC = 0x53;
const COMMITTED = Buffer.from('COMMIT\0');

/** A wire between a lane and PostgreSQL that can be cut exactly at a commit. */
export class Proxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server = createServer((client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  #cut: Cut | null = null;
  #held: Socket[] | null = null;
  readonly #silent = new Set<Socket>();
  #silence: { readonly statement: string; readonly when: Silence; readonly done: () => void } | null = null;
  /** How many commits were cut. */
  cuts = 0;

  constructor(databaseUrl: string) {
    const { hostname, port } = new URL(databaseUrl);
    this.#target = { host: hostname, port: Number(port) };
  }

  /** Listens. Returns the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  cutNextCommit(cut: Cut): void {
    this.#cut = cut;
  }

  /** The connections of now say nothing any more, and are not closed. */
  silence(): void {
    for (const socket of this.#sockets) this.#silent.add(socket);
  }

  /** Does so at the next statement of a name; then resolves. */
  silenceAt(statement: string, when: Silence): Promise<void> {
    return new Promise((done) => {
      this.#silence = { statement, when, done };
    });
  }

  /** Lets new connections wait until `release`. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const client of held) this.#join(client);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#held !== null) return void this.#held.push(client);
    const upstream = connect(this.#target);
    upstream.on('error', () => client.destroy());
    for (const socket of [client, upstream]) this.#sockets.add(socket);
    let cutting: Cut | null = null;
    let ending = false;
    const messages = splitter((message) => {
      if (this.#silent.has(client)) return;
      const silence = this.#silence;
      if (silence !== null && (ending ? message[0] === SYNC : isFor(message, silence.statement))) {
        if (silence.when === 'after') ending = true;
        if (ending || silence.when === 'within') upstream.write(message);
        if (ending && message[0] !== SYNC) return;
        this.#silence = null;
        this.silence();
        silence.done();
        return;
      }
      if (cutting === null && this.#cut !== null && isFor(message, 'commit')) {
        cutting = this.#cut;
        this.#cut = null;
        this.cuts += 1;
        if (cutting === 'before')
          setTimeout(() => {
            upstream.destroy();
            client.destroy();
          }, ANSWERED_MS);
        else if (cutting !== 'after') client.destroy();
      }
      if (cutting === null || cutting === 'after') upstream.write(message);
      else if (cutting === 'late') setTimeout(() => upstream.write(message), LATE_MS);
    });
    client.on('data', messages);
    upstream.on('data', (data: Buffer) => {
      if (this.#silent.has(client)) return;
      if (cutting === null || cutting === 'before') client.write(data);
      else if (cutting === 'after' && data.includes(COMMITTED)) client.destroy();
    });
    client.on('close', () => {
      if (!this.#silent.has(client) && (cutting === null || cutting === 'after')) upstream.destroy();
    });
    upstream.on('close', () => {
      if (!this.#silent.has(client)) client.destroy();
    });
  }
}

/** Takes a stream of a client's bytes apart into PostgreSQL's messages: the first one has no type. */
function splitter(take: (message: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  let head = 0;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= head + 4 && rest.length >= head + rest.readInt32BE(head)) {
      const end = head + rest.readInt32BE(head);
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      head = 1;
      take(message);
    }
  };
}

/** Whether a message begins a statement: prepares it, or binds it after an empty portal's name. */
function isFor(message: Buffer, statement: string): boolean {
  const name = message[0] === BIND ? message.subarray(6) : message[0] === PARSE ? message.subarray(5) : null;
  return name?.subarray(0, statement.length + 1).toString() === `${statement}\0`;
}
