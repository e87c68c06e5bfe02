import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly files: { readonly cert: string; readonly key: string };
}

/** An authority, with certificates of it for a server on this machine and a client, and one of another authority. */
export interface Certificates extends Disposable {
  readonly ca: { readonly cert: string; readonly file: string };
  readonly server: Pair;
  readonly client: Pair;
  readonly stranger: Pair;
}

export function authority(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'windfall-ca-'));
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  const pair = (name: string): Pair => {
    const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
    return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8'), files };
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const root = (name: string): unknown =>
    openssl(
      'req',
      '-x509',
      ...curve,
      '-days',
      '1',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    );
  const signed = (name: string, by: string): Pair => {
    writeFileSync(join(folder, 'ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const issuer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-extfile', 'ext'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-days', '1', '-out', `${name}.pem`, ...issuer);
    return pair(name);
  };
  root('ca');
  root('other');
  return {
    ca: { cert: readFileSync(join(folder, 'ca.pem'), 'utf8'), file: join(folder, 'ca.pem') },
    server: signed('server', 'ca'),
    client: signed('client', 'ca'),
    stranger: signed('stranger', 'other'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
