import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash } from 'node:crypto';
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';
import type { BeaconChain } from '../../src/fairness/index.ts';

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const { shortSignatures: signatures } = bls;
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A chain of drand whose rounds come when a test wants them: the test has its key. */
export class TestChain {
  readonly chain: BeaconChain;
  readonly #secret: Uint8Array;

  /** @param genesisTime in seconds since 1970. */
  constructor(genesisTime: number, period = 1) {
    const { secretKey } = signatures.keygen(Buffer.alloc(48, 'windfall'));
    this.#secret = secretKey;
    const publicKey = hexOf(signatures.getPublicKey(secretKey).toBytes());
    this.chain = { hash: hash('sha256', publicKey, 'hex'), publicKey, genesisTime, period };
  }

  /** The signature of a round, in hex. */
  sign(round: number): string {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(BigInt(round));
    const message = signatures.hash(hash('sha256', number, 'buffer'), DOMAIN);
    return hexOf(signatures.Signature.toBytes(signatures.sign(message, this.#secret)));
  }
}

/** A server of drand on a free port, as a test wants it to behave. */
export async function drandServer(
  answer: (round: number, response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ readonly url: string; readonly asked: number[]; close(): void }> {
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const round = Number(/\/public\/(\d+)$/.exec(request.url!)?.[1]);
    asked.push(round);
    answer(round, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers as drand does. */
export const sendRound = (response: ServerResponse, round: number, signature: string): void => {
  const randomness = hash('sha256', Buffer.from(signature, 'hex'), 'hex');
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ round, randomness, signature }));
};
