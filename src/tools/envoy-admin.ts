import { request } from 'node:http';

/** Asks Envoy's own interface at a socket. Rejects for an answer that is no success, and after 1 s. */
export function askEnvoy(socketPath: string, path: string, method = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, signal: AbortSignal.timeout(1000) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', reject);
      answer.on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    asked.on('error', reject).end();
  });
}
