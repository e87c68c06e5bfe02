/** A thread that simulates: `Simulation` comes as `workerData`, and the messages are `Told`. */
import { parentPort, workerData } from 'node:worker_threads';
import { simulate, type Simulation } from './run.ts';
import type { Told } from './index.ts';

const EVERY_MS = 250;
const simulation = workerData as Simulation;
const tell = (told: Told): void => parentPort!.postMessage(told);

let last = Date.now();
const result = simulate(simulation, (done) => {
  if (Date.now() - last < EVERY_MS) return;
  last = Date.now();
  tell({ done });
});
tell({ result });
