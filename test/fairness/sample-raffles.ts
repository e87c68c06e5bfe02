import { hash } from 'node:crypto';
import type { Proof } from '../../src/fairness/proof.ts';
import { raffleProof, type Sale } from './sample-proofs.ts';

/** A valid proof. */
export interface Case<Of extends Proof = Proof> {
  readonly name: string;
  readonly proof: Of;
}

export const sales: Sale[] = [
  ['StarlordV7', 3],
  ['gamora', 5],
  ['StarlordV7', 1],
  ['Грут', 1],
];

/** Round 1000 of drand's chain quicknet. */
const beacon = {
  chain_hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  round: 1000,
  signature: 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
};
const randomness = hash('sha256', Buffer.from(beacon.signature, 'hex'), 'hex');
const none = { clientSeeds: [{ seed: '', origin: 'none' as const }] };

/** Raffles of windfall/2. */
export const secondRaffles: readonly Case[] = [
  {
    name: 'windfall/2: raffle without entropy from outside',
    proof: raffleProof(sales, { winners: 1, onePerPlayer: false }, { position: 0, ...none }),
  },
  {
    name: 'windfall/2: raffle with a beacon',
    proof: raffleProof(
      sales,
      { winners: 3, onePerPlayer: false },
      { clientSeeds: [{ seed: randomness, origin: 'beacon' }] },
      { beacon },
    ),
  },
  {
    name: 'windfall/2: raffle with entropy from its caller, one prize per player',
    proof: raffleProof(
      sales,
      { winners: 2, onePerPlayer: true },
      { clientSeeds: [{ seed: 'lotto 4 8 15', origin: 'caller' }] },
      { source: 'the lottery of Saturday' },
    ),
  },
  {
    name: 'windfall/2: raffle with nothing sold',
    proof: raffleProof([], { winners: 1, onePerPlayer: false }, none),
  },
];
