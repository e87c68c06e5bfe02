import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js';
import type { OpenDriver } from '../driver.ts';
import { Template } from '../template.ts';
import { successes } from './successes.ts';
import type { UnaryOptions } from './unary.ts';

const raw = (bytes: Buffer): Buffer => bytes;

/** Waits for the answer to one message. */
interface Waiting {
  resolve(items: number): void;
  reject(error: Error): void;
}

/**
 * One stream of messages, in bytes. Each caller has one message under way; answers come in the order of the messages.
 */
export const open: OpenDriver<UnaryOptions> = async (options) => {
  const { address, path, headers, template } = options;
  const requests = new Template(template, options);
  const { items } = requests;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const client = new Client(address, credentials.createInsecure());
  const waiting: Waiting[] = [];
  let stream: ClientDuplexStream<Buffer, Buffer> | undefined;
  const connect = (): ClientDuplexStream<Buffer, Buffer> => {
    const opened = client.makeBidiStreamRequest(path, raw, raw, metadata);
    opened.on('data', (answer: Buffer) => {
      const done = successes(answer);
      const { resolve, reject } = waiting.shift()!;
      if (done < items) reject(new Error(`${items - done} of ${items} items were refused`));
      else resolve(done);
    });
    opened.on('error', (error) => {
      for (const { reject } of waiting.splice(0)) reject(error);
    });
    return opened;
  };
  return {
    call: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        (stream ??= connect()).write(requests.fill());
      }),
    async close() {
      stream?.end();
      client.close();
    },
  };
};
