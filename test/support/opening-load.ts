import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { holds, keysOf, type Receipt } from '../journal/receipt-check.ts';
import { open, type Opened } from '../mark/play.ts';
import { grpcApi, type Call } from './api.ts';
import type { ServerProcess } from './service.ts';

/** Opens boxes on servers that may stop, until it is ended. A draw may fail only because a server stops. */
export class OpeningLoad {
  readonly opened: Opened[] = [];
  readonly #headers: Record<string, string>;
  readonly #loading: readonly Promise<void>[];
  #stopped = false;
  #rounds = 0;

  /** @param serving the servers that serve now. */
  constructor(serving: () => readonly ServerProcess[], headers: Record<string, string>) {
    this.#headers = headers;
    this.#loading = Array.from({ length: 4 }, (_, n) => this.#load(n, serving));
  }

  /** Resolves once so many boxes are opened. */
  async reached(count: number): Promise<void> {
    while (this.opened.length < count) {
      await Promise.race([sleep(20), Promise.all(this.#loading)]);
    }
  }

  /** Resolves after so many more boxes. */
  more(count: number): Promise<void> {
    return this.reached(this.opened.length + count);
  }

  async end(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loading);
  }

  /** Opens for an old and for a new player each, on whichever server serves; one that stops says UNAVAILABLE. */
  async #load(n: number, serving: () => readonly ServerProcess[]): Promise<void> {
    for (; !this.#stopped; this.#rounds++) {
      const servers = serving();
      const { call, close } = grpcApi(servers[this.#rounds % servers.length]!.address);
      for (const player of [`old${n}`, `new${n}-${this.#rounds}`]) {
        const outcome = await open(call, this.#headers, player).catch((error: Error) => error);
        if (!(outcome instanceof Error)) this.opened.push(outcome);
        else assert.match(outcome.message, /UNAVAILABLE|null/, `a draw has failed: ${outcome.message}`);
      }
      close();
      // A pace at which all draws can be verified soon.
      await sleep(20);
    }
  }

  /** The proof and the receipt of every draw hold. Returns the ids of the keys that have signed them. */
  async signers(call: Call): Promise<string[]> {
    const keys = await keysOf(call);
    const signers = new Set<string>();
    const left = this.opened.values();
    const check = async (): Promise<void> => {
      for (const { open_id: id } of left) signers.add(await this.#signerOf(id, call, keys));
    };
    await Promise.all(Array.from({ length: 16 }, check));
    return [...signers].sort();
  }

  async #signerOf(id: string, call: Call, keys: Awaited<ReturnType<typeof keysOf>>): Promise<string> {
    const proof = await call('FairnessService.GetProof', { draw_id: id }, this.#headers);
    assert.equal(proof.status, 'OK', JSON.stringify(proof));
    const [given] = (proof.body as { record_proofs: object[] }).record_proofs;
    const { body } = await call('FairnessService.VerifyProof', { record_proof: given } as never, this.#headers);
    assert.equal((body as { valid: boolean }).valid, true, JSON.stringify(body));
    const receipts = await call('FairnessService.GetReceipt', { draw_id: id }, this.#headers);
    const [receipt] = (receipts.body as unknown as { receipts: Receipt[] }).receipts;
    assert.ok(holds(receipt!, keys), JSON.stringify(receipt));
    return receipt!.key_id;
  }
}
