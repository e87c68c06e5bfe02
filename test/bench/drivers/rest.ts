import { Agent, request } from 'node:http';
import type { OpenDriver } from '../driver.ts';
import { Template } from '../template.ts';

export interface RestOptions {
  /** As "http://127.0.0.1:8080". */
  readonly base: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON; see Template. */
  readonly template: Uint8Array;
  readonly playerCount: number;
}

/** POST requests on connections that are kept. */
export const open: OpenDriver<RestOptions> = async ({ base, path, headers, template, playerCount }) => {
  const bodies = new Template(template, { playerCount });
  const agent = new Agent({ keepAlive: true });
  const post = (body: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${base}${path}`, {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers },
      });
      sent.on('error', reject).on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', reject)
          .on('end', () => {
            if (answer.statusCode! < 300) resolve(bodies.items);
            else reject(new Error(`${answer.statusCode}: ${Buffer.concat(chunks).toString()}`));
          });
      });
      sent.end(body);
    });
  return { call: () => post(bodies.fill()), close: async () => agent.destroy() };
};
