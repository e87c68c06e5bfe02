import { connect, type ClientHttp2Stream } from 'node:http2';
import {
  StreamContributionsRequest,
  StreamContributionsResponse,
  type ContributeToJackpotRequest,
} from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';

const PATH = '/windfall.jackpot.v1.JackpotService/StreamContributions';
const HEAD = 5;

/** StreamContributions over HTTP/2 without a gRPC library, so that nothing is read before the test reads it. */
export class Http2Stream {
  readonly stream: ClientHttp2Stream;
  readonly #closed: Promise<void>;

  constructor(address: string) {
    const session = connect(`http://${address}`);
    this.stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: 'Bearer wf_test_demo',
    });
    this.#closed = new Promise((resolve) => {
      this.stream.once('close', () => session.close(resolve));
    });
  }

  /** Sends a message. False: the other side has no room for more now, and what is written on lies about here. */
  write(items: readonly ContributeToJackpotRequest[]): boolean {
    const message = StreamContributionsRequest.encode({ items: [...items], messageId: '' }).finish();
    const head = Buffer.alloc(HEAD);
    head.writeUInt32BE(message.length, 1);
    return this.stream.write(Buffer.concat([head, message]));
  }

  /** Ends the requests and reads all answers. */
  async readAll(): Promise<StreamContributionsResponse[]> {
    this.stream.end();
    const chunks: Buffer[] = [];
    for await (const chunk of this.stream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const messages: StreamContributionsResponse[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + HEAD + bytes.readUInt32BE(at + 1);
      messages.push(StreamContributionsResponse.decode(bytes.subarray(at + HEAD, end)));
      at = end;
    }
    await this.#closed;
    return messages;
  }
}
