/** Numbers in [0, 1) that have nothing to do with the draws: a linear congruential generator. */
export function* others(): Generator<number> {
  for (let state = 12_345n; ;) {
    state = (state * 6_364_136_223_846_793_005n + 1n) % 2n ** 64n;
    yield Number(state >> 11n) / 2 ** 53;
  }
}
