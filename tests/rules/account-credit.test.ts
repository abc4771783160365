import test from 'ava';
import fc from 'fast-check';
import {
  balanceAt,
  type CreditAccount,
  drawn,
  drawnFor,
  granted,
  newCreditAccount,
  returned,
  returnedBeyond,
  writtenOff,
} from '../../services/invoicing/credit/account-credit.ts';
import { noon } from '../support/money-events.ts';
import { workedCaseTest } from '../support/worked-cases.ts';

const empty = newCreditAccount('cus_1', 'EUR');
const day = (number: number) => `2026-02-${String(number).padStart(2, '0')}T00:00:00.000Z`;
const credit = (id: string, amount: number, expiresAt: string | null = null) => ({ id, amount, reason: 'test', expiresAt });
const remaining = ({ grants }: CreditAccount) => Object.fromEntries(grants.map(({ id, remaining: left }) => [id, left]));

test('credit is granted once under its id', (t) => {
  const once = granted(empty, credit('a', 500), noon);

  t.is(granted(once, credit('a', 500), noon), once);
  t.is(balanceAt(once, noon), 500);
});

test('an amount of 0 or less cannot be granted', (t) => {
  t.is(granted(empty, credit('a', 0), noon), empty);
  t.is(granted(empty, credit('a', -5), noon), empty);
});

test('the credit that expires first is used first, then the oldest', (t) => {
  const account = [credit('late', 100, day(20)), credit('old', 100), credit('soon', 100, day(10)), credit('new', 100)].reduce(
    (before, next, index) => granted(before, next, day(index + 1)),
    empty,
  );

  t.deepEqual(remaining(drawn(account, 'inv_1', 250, day(5))), { late: 0, old: 50, soon: 0, new: 100 });
});

test('an application of credit never exceeds the balance, and a repeat applies nothing more', (t) => {
  const once = drawn(granted(empty, credit('a', 500), noon), 'inv_1', 1799, noon);

  t.is(drawnFor(once, 'inv_1'), 500);
  t.is(balanceAt(once, noon), 0);
  t.is(drawn(granted(once, credit('b', 100), noon), 'inv_1', 1799, noon).entries.length, 3);
});

test('an application of credit does not change an empty account', (t) => {
  t.is(drawn(empty, 'inv_1', 100, noon), empty);
});

test('returned credit can be applied again, to other invoices only', (t) => {
  const account = returned(drawn(granted(empty, credit('a', 500), noon), 'inv_1', 300, noon), 'inv_1', noon);

  t.is(balanceAt(account, noon), 500);
  t.is(drawnFor(account, 'inv_1'), 0);
  t.is(drawn(account, 'inv_1', 300, noon), account);
  t.is(drawnFor(drawn(account, 'inv_2', 300, noon), 'inv_2'), 300);
  t.is(returned(account, 'inv_1', noon), account);
});

test('what was drawn beyond the credit that an invoice bears returns once, and what was used last first', (t) => {
  const account = drawn(granted(granted(empty, credit('a', 500), noon), credit('b', 500), noon), 'inv_1', 800, noon);

  const once = returnedBeyond(account, 'inv_1', 400, noon);

  t.deepEqual(remaining(once), { a: 100, b: 500 });
  t.is(drawnFor(once, 'inv_1'), 400);
  t.is(returnedBeyond(once, 'inv_1', 400, noon), once);
  const voided = returned(once, 'inv_1', noon);
  t.is(balanceAt(voided, noon), 1000);
  t.is(returned(voided, 'inv_1', noon), voided);
});

test('credit expires at its instant: it leaves the balance, pays nothing, and is written off by an entry', (t) => {
  const account = granted(empty, credit('a', 500, day(10)), noon);

  t.is(balanceAt(account, '2026-02-09T23:59:59.999Z'), 500);
  t.is(balanceAt(account, day(10)), 0);
  const after = drawn(account, 'inv_1', 100, day(10));
  t.is(drawnFor(after, 'inv_1'), 0);
  t.like(after.entries.at(-1), { from: 'customer', to: 'expired', amount: 500 });
  t.is(writtenOff(after, day(11)), after);
});

test('credit that is returned after its expiry is written off again', (t) => {
  const used = drawn(granted(empty, credit('a', 500, day(10)), noon), 'inv_1', 500, day(5));

  const after = writtenOff(returned(used, 'inv_1', day(11)), day(11));

  t.is(balanceAt(after, day(11)), 0);
  t.deepEqual(
    after.entries.map(({ to }) => to),
    ['customer', 'invoice:inv_1', 'customer', 'expired'],
  );
});

test('law: after any operations, entries and grants agree, nothing is negative, and all accounts sum to 0', (t) => {
  const step = fc.oneof(
    fc.record({ grant: fc.integer({ min: 1, max: 1000 }), expires: fc.option(fc.integer({ min: 1, max: 28 })) }),
    fc.record({ draw: fc.integer({ min: 1, max: 1500 }), invoice: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ giveBack: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ keep: fc.integer({ min: 0, max: 1500 }), of: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 28 }), (steps) => {
      const account = steps.reduce((before, move, index) => {
        const now = day(index + 1);
        if ('grant' in move) return granted(before, credit(`g${index}`, move.grant, move.expires === null ? null : day(move.expires)), now);
        if ('keep' in move) return returnedBeyond(before, `inv_${move.of}`, move.keep, now);
        return 'draw' in move ? drawn(before, `inv_${move.invoice}`, move.draw, now) : returned(before, `inv_${move.giveBack}`, now);
      }, empty);
      const sums = new Map<string, number>();
      for (const { from, to, amount } of account.entries) {
        t.true(amount > 0);
        sums.set(from, (sums.get(from) ?? 0) - amount);
        sums.set(to, (sums.get(to) ?? 0) + amount);
      }
      t.is(
        [...sums.values()].reduce((sum, value) => sum + value, 0),
        0,
      );
      t.is(
        sums.get('customer') ?? 0,
        account.grants.reduce((sum, { remaining: left }) => sum + left, 0),
      );
      t.true(account.grants.every(({ remaining: left, amount }) => left >= 0 && left <= amount));
    }),
  );
});

workedCaseTest('LG-27', (t, { given: { credit_notes: notes = [], invoice_total: total = 0 }, expect }) => {
  const [applied, due, balances] = expect;
  const given = notes.reduce((account, amount, index) => granted(account, credit(`cn_${index}`, amount), day(index + 1)), empty);

  const after = drawn(given, 'inv_1', total, day(20));

  t.deepEqual(
    after.entries.at(-1)?.grants.map(({ amount }) => amount),
    applied?.amounts,
  );
  t.is(total - drawnFor(after, 'inv_1'), due?.amount as number);
  t.deepEqual(Object.values(remaining(after)), balances?.amounts);
});
