import { forge, type Tampered } from './forge.ts';

const beacon = 'windfall/2: raffle with a beacon';
const caller = 'windfall/2: raffle with entropy from its caller, one prize per player';
const longest = 'windfall/2: the longest client seeds';
const both = 'windfall/2: both client seeds';
/** Proofs of windfall/2 that must fail. */
export const seconds: Tampered[] = [
  forge('windfall/2: another client seed of the player', 'opens[0].rolls', longest, (p) => {
    p.client_seeds[0].seed = 'another';
  }),
  forge('windfall/2: another client seed of the request', 'opens[0].rolls', longest, (p) => {
    p.client_seeds[1].seed = 'another';
  }),
  forge('windfall/2: the client seeds exchanged', 'client_seeds[0].origin', both, (p) => {
    p.client_seeds.reverse();
  }),
  forge('windfall/2: a client seed moved into the other', 'client_seeds[0].seed', both, (p) => {
    p.client_seeds = [{ seed: 'my own\nmy lucky words', origin: 'player' }];
  }),
  forge('windfall/2: a client seed left out', 'client_seeds', both, (p) => {
    p.client_seeds.pop();
  }),
  forge('windfall/2: a client seed more', 'client_seeds', both, (p) => {
    p.client_seeds.push({ seed: 'more', origin: 'request' });
  }),
  forge('windfall/2: nobody gave a client seed', 'client_seeds[1].origin', both, (p) => {
    p.client_seeds[1].origin = 'none';
  }),
  forge('windfall/2: the client seed of windfall/1', 'client_seed', both, (p) => {
    p.client_seed = 'my own\nmy lucky words';
  }),
  forge('windfall/2: the origin of windfall/1', 'client_seed_origin', both, (p) => {
    p.client_seed_origin = 'request';
  }),
  forge('windfall/2: presented as windfall/1', 'client_seeds', both, (p) => {
    p.algorithm = 'windfall/1';
  }),
  forge('windfall/2: a recipe that only windfall/1 has', 'recipe', 'trigger: value', (p) => {
    p.algorithm = 'windfall/2';
    p.client_seeds = [{ seed: '', origin: 'none' }];
    delete p.client_seed;
    delete p.client_seed_origin;
  }),
  forge('windfall/2: a raffle whose players have the hashes of windfall/1', 'raffle', 'raffle: one winner', (p) => {
    p.algorithm = 'windfall/2';
    p.client_seeds = [{ seed: '', origin: 'none' }];
    delete p.client_seed;
    delete p.client_seed_origin;
  }),
  forge('windfall/2: the entries left out of a raffle', 'raffle', beacon, (p) => {
    p.raffle.entries = [];
  }),
  forge('windfall/2: another signature of the beacon', 'raffle', beacon, (p) => {
    p.raffle.beacon.signature = p.raffle.beacon.signature.replace('b4', 'b5');
  }),
  forge('windfall/2: the beacon left out', 'raffle', beacon, (p) => {
    delete p.raffle.beacon;
  }),
  forge('windfall/2: entropy of a caller presented as a beacon', 'raffle', caller, (p) => {
    p.client_seeds[0].origin = 'beacon';
  }),
  forge('windfall/2: a beacon presented as entropy of a caller', 'raffle', beacon, (p) => {
    p.client_seeds[0].origin = 'caller';
  }),
  forge('windfall/2: another entropy', 'raffle', caller, (p) => {
    p.client_seeds[0].seed = 'lotto 4 8 16';
  }),
  forge("windfall/2: a raffle with a player's client seed", 'client_seeds[0].origin', caller, (p) => {
    p.client_seeds[0].origin = 'player';
  }),
];
