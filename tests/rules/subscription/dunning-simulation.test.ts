import test from 'ava';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import { customersOf, randomNumber } from '../../bench/dunning-customers.ts';
import { comparePolicies, policies, retriesBeyondBudget, simulate } from '../../bench/dunning-simulation.ts';

const count = 50;
const figures = comparePolicies(7, count);

test('one seed always gives the same year, and another seed gives another year', (t) => {
  t.deepEqual(comparePolicies(7, count), figures);
  t.notDeepEqual(comparePolicies(8, count), figures);
});

for (const [name, of] of Object.entries(figures)) {
  test(`under ${name} every billed cent is paid, open or given up`, (t) => {
    t.is(of.paid + of.open + of.uncollectible + of.void, of.billed);
    t.is(of.void, 0);
    t.true(of.paid > 0 && of.uncollectible > 0);
  });

  test(`under ${name} some declined invoices are recovered, and no retry exceeds the limits of the networks`, (t) => {
    t.true(of.recovered > 0 && of.recovered < of.declined);
    t.true(of.retries >= of.recovered);
    t.is(of.beyondBudget, 0);
  });
}

test('subscriptions without declines are billed alike under every policy', (t) => {
  const neverDeclined = customersOf(7, count).map((customer) => ({ ...customer, risk: 0 }));
  const [first, ...others] = Object.values(policies).map((policy) => simulate(neverDeclined, policy));
  t.like(first, { invoices: 12 * count, declined: 0, retries: 0, lost: 0, credited: 0 });
  for (const other of others) t.deepEqual(other, first);
});

test('retries exceed the budget from the sixteenth in thirty days on', (t) => {
  const bill = (retries: number) => ({
    ...{ amount: 1, isRenewal: true, status: 'open' as const },
    attempts: Array.from({ length: retries + 1 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString()),
  });
  t.is(retriesBeyondBudget(bill(15)), 0);
  t.is(retriesBeyondBudget(bill(17)), 2);
});

test('a policy that retries stolen cards is detected', (t) => {
  const hammering: RetryPolicy = { ...defaultRetryPolicy, byCategory: { hard: { retryDays: [1, 2] } } };
  t.true(simulate(customersOf(7, count), hammering).beyondBudget > 0);
});

test('random outcomes lie evenly between 0 and 1, and are the same for the same keys', (t) => {
  const drawn = Array.from({ length: 2_000 }, (_, index) => randomNumber('x', index));
  t.true(drawn.every((value) => value >= 0 && value < 1));
  t.true(Math.abs(drawn.reduce((total, value) => total + value, 0) / drawn.length - 0.5) < 0.03);
  t.deepEqual(
    drawn.slice(0, 9),
    Array.from({ length: 9 }, (_, index) => randomNumber('x', index)),
  );
});
