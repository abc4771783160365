import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../actors/subscription/rules/subscription-parts.ts';
import { dayMillis } from '../../services/shared/local-time.ts';
import { millisOf } from '../../services/shared/time.ts';
import { terms } from '../support/subscription-life.ts';
import { type Customer, customersOf } from './dunning-customers.ts';
import { type BilledInvoice, type Year, yearOf } from './dunning-year.ts';

/** Three dunning policies, from the plain to the tailored. */
export const policies: Readonly<Record<string, RetryPolicy>> = {
  'fixed days': { ...defaultRetryPolicy, suspendAfterDays: 3, graceDays: 7 },
  default: defaultRetryPolicy,
  tailored: {
    ...{ retryDays: [1, 3, 5, 8, 11, 15, 20, 26], retryMode: 'from-first-failure', hardDeclineRetries: 0 },
    ...{ suspendAfterDays: 14, graceDays: 28, finalAction: 'downgrade', downgradeTo: terms('plan_with_advertisements', 0) },
    byCategory: { 'expired-card': { retryDays: [4, 8, 15] } },
    paydays: [1, 15, -1],
    timeOfDay: { from: '09:00', to: '18:00' },
  },
};

/**
 * The sums of one year of all customers. Amounts are in minor units; attempts after the first of an
 * invoice are retries.
 */
export type Figures = {
  readonly invoices: number;
  readonly renewals: number;
  readonly billed: number;
  readonly paid: number;
  readonly open: number;
  readonly uncollectible: number;
  readonly void: number;
  readonly credited: number;
  readonly declined: number;
  readonly recovered: number;
  readonly recoveredAmount: number;
  readonly retries: number;
  /** Customers whose subscription ended for want of payment. */
  readonly lost: number;
  /** Customers who stopped paying and stay on a free plan. */
  readonly downgraded: number;
  /**
   * Retries that a card network would fine: more than 15 of an invoice in 30 days, or any of a
   * stolen card.
   */
  readonly beyondBudget: number;
};

export function simulate(customers: readonly Customer[], policy: RetryPolicy): Figures {
  const years = customers.map((customer) => yearOf(customer, policy));
  const bills = years.flatMap((year) => year.bills);
  const declined = bills.filter(({ attempts, status }) => attempts.length > 1 || status !== 'paid');
  const recovered = declined.filter(({ status }) => status === 'paid');
  const sumOf = (status: BilledInvoice['status']) => sum(bills.filter((bill) => bill.status === status).map(({ amount }) => amount));
  const how = (outcome: Year['outcome']) => years.filter((year) => year.outcome === outcome).length;
  return {
    ...{
      invoices: bills.length,
      renewals: bills.filter(({ isRenewal }) => isRenewal).length,
      billed: sum(bills.map(({ amount }) => amount)),
      credited: sum(years.map(({ credited }) => credited)),
    },
    ...{ paid: sumOf('paid'), open: sumOf('open'), uncollectible: sumOf('uncollectible'), void: sumOf('void') },
    ...{ declined: declined.length, recovered: recovered.length, recoveredAmount: sum(recovered.map(({ amount }) => amount)) },
    retries: sum(declined.map(({ attempts }) => attempts.length - 1)),
    ...{ lost: how('lost'), downgraded: how('downgraded') },
    beyondBudget: sum(bills.map(retriesBeyondBudget)) + sum(years.map((year) => year.attemptsOnStolenCards)),
  };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** The limit of Visa, the stricter one: 15 retries in any 30 days. */
export function retriesBeyondBudget({ attempts }: BilledInvoice): number {
  const retries = attempts.slice(1).map(millisOf);
  const within = (at: number) => retries.filter((other) => other <= at && other > at - 30 * dayMillis).length;
  return retries.filter((at) => within(at) > 15).length;
}

const money = (amount: number): string => `${(amount / 100).toFixed(2)} EUR`;
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

/** The figures of the policies side by side, one line per measure. */
export function tableOf(figures: Readonly<Record<string, Figures>>, customers: number): string {
  const lines: readonly [string, (of: Figures) => string | number][] = [
    ['invoices', ({ invoices }) => invoices],
    ['renewals declined at first', ({ declined, renewals }) => `${declined} (${percent(declined, renewals)})`],
    ['recovered', ({ recovered }) => recovered],
    ['recovery rate', ({ recovered, declined }) => percent(recovered, declined)],
    ['recovered amount', ({ recoveredAmount }) => money(recoveredAmount)],
    ['retries', ({ retries }) => retries],
    ['attempts per recovery', ({ retries, recovered }) => (recovered === 0 ? '-' : (retries / recovered).toFixed(2))],
    ['involuntary churn in the year', ({ lost, downgraded }) => `${lost + downgraded} (${percent(lost + downgraded, customers)})`],
    ['of whom stay on a free plan', ({ downgraded }) => downgraded],
    ['billed', ({ billed }) => money(billed)],
    ['paid', ({ paid }) => money(paid)],
    ['uncollectible', ({ uncollectible }) => money(uncollectible)],
    ['open at the end', ({ open }) => money(open)],
    ['credited for time without access', ({ credited }) => money(credited)],
    ['attempts beyond the networks’ budget', ({ beyondBudget }) => beyondBudget],
  ];
  const rows = [
    ['', ...Object.keys(figures)],
    ...lines.map(([name, show]) => [name, ...Object.values(figures).map((of) => String(show(of)))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0)).join('  ')).join('\n');
}

const pad = (cell: string, width: number, isName: boolean): string => (isName ? cell.padEnd(width) : cell.padStart(width));

/** The three policies with the same customers and the same random numbers. */
export function comparePolicies(seed: number, count: number): Readonly<Record<string, Figures>> {
  const customers = customersOf(seed, count);
  return Object.fromEntries(Object.entries(policies).map(([name, policy]) => [name, simulate(customers, policy)]));
}

if (import.meta.main) {
  const [seed = 1, count = 2_000] = process.argv.slice(2).map(Number);
  console.log(`${count} customers, twelve months, monthly plans, seed ${seed}\n\n${tableOf(comparePolicies(seed, count), count)}`);
}
