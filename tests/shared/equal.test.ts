import test from 'ava';
import { equal } from '../../services/shared/equal.ts';

test('values with the same content are equal, whatever the order of their keys', (t) => {
  t.true(equal({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }));
});

for (const [one, other, why] of [
  [{ a: 1 }, { a: 2 }, 'another value'],
  [{ a: 1 }, { a: 1, b: 2 }, 'one more key'],
  [{ a: undefined }, { b: undefined }, 'another key'],
  [[1, 2], [2, 1], 'another order of a list'],
  [[], {}, 'a list and an object'],
  [null, {}, 'nothing and an object'],
  [1, '1', 'a number and a text'],
] as const) {
  test(`${why} makes a difference`, (t) => t.false(equal(one, other)));
}
