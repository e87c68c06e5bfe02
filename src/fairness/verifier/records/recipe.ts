import type { Dice } from '../dice.ts';
import type { Json } from '../json.ts';
import type { Shape } from './shape.ts';

/** How the draws of one recipe are checked. */
export interface Recipe {
  /** The kind of its streams. */
  stream: string;
  /** Whether a record names a player. */
  player: boolean;
  /** The origins of each client seed that is not empty. */
  origins: string[][];
  config: Shape;
  outcome: Shape;
  /** The outcome as it has to be. Members that only the server knows are taken from the stated one. */
  compute(given: Given): Json;
}

/** What is given to check a draw. Config, outcome and record have the shapes that they must have. */
export interface Given {
  record: Json;
  config: Json;
  outcome: Json;
  /** 64 hex digits. */
  seed: string;
  /** All sales of a raffle. */
  entries: Json[];
  /** The draw with a sub. @param chain what stands after the config's hash in the message. */
  dice(sub: number, chain?: string): Dice;
}
