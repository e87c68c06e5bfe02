/** Every change of every field of the sample proofs, judged by each verifier: `npm run campaign -- tampering`. */
import { recordCases } from './sample-records-2.ts';
import { judge, recipesOf } from './tampered.ts';
import { tamperedFrom } from './tampering.ts';

for (const [recipe, proofs] of recipesOf(recordCases)) {
  const { changes, accepted, taken } = await judge(proofs, tamperedFrom);
  console.log(`${recipe}: ${changes - taken} of ${changes} changes refused by each of three verifiers`);
  for (const one of accepted) console.log(`PROBLEM ${one}`);
  if (accepted.length > 0) process.exitCode = 1;
}
