import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { anchorOn } from '../../../actors/subscription/rules/billing-period.ts';
import { creditLine, type Measure, recurringLine } from '../../../actors/subscription/rules/proration.ts';
import { defaultRetryPolicy } from '../../../actors/subscription/rules/retry-policy.ts';
import type { InvoiceRequest, SubscriptionCommand, Terms } from '../../../actors/subscription/rules/subscription.ts';
import type { RetryPolicy } from '../../../actors/subscription/rules/subscription-parts.ts';
import { projectDirectory } from '../../../dapr/runtime/directories.ts';
import { plusLocalDays } from '../../../services/shared/local-time.ts';
import { minorUnits } from '../../../services/shared/money.ts';
import {
  cancel,
  change,
  inArrears,
  invoicesOf,
  liveThrough,
  retryPayment,
  type Step,
  start,
  terms,
  utc,
} from '../../support/subscription-life.ts';
import { type WorkedCase, type WorkedPlan, workedCases, workedCaseTest } from '../../support/worked-cases.ts';

const driven = new Set<string>();

/** A test of one worked case by the pure rules. */
function example(id: string, holds: (t: ExecutionContext, kase: WorkedCase) => void): void {
  driven.add(id);
  workedCaseTest(id, holds);
}

const day = (instant: string): string => instant.slice(0, 10);
const at = (text: string): string => (text.length > 10 ? text.replace('T', ' ').replace('Z', '') : text);

function termsOf(name: string, { price, interval, interval_count: count, currency, billing }: WorkedPlan): Terms {
  const bought = terms(`plan_${name}`, price, { unit: interval, count }, 1, currency);
  return billing === 'arrears' ? inArrears(bought) : bought;
}

const plan = ({ given }: WorkedCase, name?: string): Terms => {
  const [key, found] = Object.entries(given.plans).find(([each]) => name === undefined || each === name) ?? [];
  if (key === undefined || found === undefined) throw new Error(`no plan ${name}`);
  return termsOf(key, found);
};

const startOf = (kase: WorkedCase, policy: RetryPolicy = defaultRetryPolicy): SubscriptionCommand =>
  start({
    terms: plan(kase),
    timezone: kase.given.timezone,
    anchor: kase.given.anchor_day === undefined ? null : { day: kase.given.anchor_day, month: null },
    trialDays: Object.values(kase.given.plans)[0]?.trial_days ?? 0,
    policy,
  });

const changesOf = (kase: WorkedCase): Step[] =>
  kase.steps.flatMap((step): Step[] => {
    if (step.action === 'change_plan') return [[change(plan(kase, step.params?.to), { when: 'now', anchor: 'keep' }), at(step.at)]];
    if (step.action === 'change_anchor') return [[{ type: 'changeAnchor', day: Number(step.params?.day), month: null }, at(step.at)]];
    return [];
  });

/** The invoices of the life of the case, each under its date. */
function invoicesIn(
  kase: WorkedCase,
  until: string,
  steps: readonly Step[] = changesOf(kase),
  first: Step = [startOf(kase), at(kase.given.start)],
) {
  const { happened } = liveThrough([first, ...steps], until);
  return happened.flatMap(({ at: made, event }) => invoicesOf([event]).map((invoice) => ({ made, invoice })));
}

const totalOf = ({ lines }: InvoiceRequest): number => lines.reduce((total, { amount }) => total + amount, 0);
const shownLines = ({ lines }: InvoiceRequest) =>
  lines.map(({ kind, amount, period }) => `${kind} ${amount} ${day(period.start)}..${day(period.end)}`).sort();

/** Every expected invoice was made on its day, with these lines and this sum. */
function expectInvoices(t: ExecutionContext, kase: WorkedCase, made: ReturnType<typeof invoicesIn>): void {
  const expected = kase.expect.filter(({ what }) => what === 'invoice');
  t.true(expected.length > 0);
  for (const { at: date, amount, lines } of expected) {
    const invoice = made.find((one) => day(one.made) === day(date))?.invoice;
    t.is(invoice && totalOf(invoice), amount, `${kase.id} on ${date}`);
    if (lines)
      t.deepEqual(
        invoice && shownLines(invoice),
        lines.map(({ kind, amount, period }) => `${kind} ${amount} ${period[0]}..${period[1]}`).sort(),
      );
  }
}

example('KB-03', (t, kase) => expectInvoices(t, kase, invoicesIn(kase, '2012-08-02')));
example('KB-06', (t, kase) => expectInvoices(t, kase, invoicesIn(kase, '2012-05-12')));
example('MT-05', (t, kase) => expectInvoices(t, kase, invoicesIn(kase, '2024-04-16')));

/** The whole invoice is credited by a note, so its unused time is worth nothing. */
example('KB-11', (t, kase) => {
  const [{ at: date, params } = { at: '' }, cancelled] = kase.steps;
  const returned = [{ planId: 'plan_Y', amount: Number(params?.amount) }];
  const steps: Step[] = [
    [{ type: 'recordCreditNote', creditNoteId: 'cn_1', invoiceId: 'inv_sub_1_1', returned }, at(date)],
    [cancel('now', 'prorate'), at(cancelled?.at ?? '')],
  ];
  const made = invoicesIn(kase, '2013-09-18', steps).slice(1);
  t.is(
    made.reduce((sum, { invoice }) => sum + totalOf(invoice), 0),
    Number(kase.expect[0]?.amount),
  );
  t.is(liveThrough([[startOf(kase), kase.given.start], ...steps], '2013-09-18').state.status, 'cancelled');
});

example('KB-18', (t, kase) => expectInvoices(t, kase, invoicesIn(kase, '2017-05-11')));

/**
 * The rest of the change becomes account credit and pays the next invoice, which is the task of
 * invoicing; this test checks only the sums.
 */
example('KB-17', (t, kase) => {
  const made = invoicesIn(kase, '2016-05-11').map(({ invoice }) => invoice);
  const [, changed, renewed] = made;
  const owed = changed ? -totalOf(changed) : 0;
  const [left, used] = kase.expect.map(({ lines }) => lines?.find(({ kind }) => kind.startsWith('credit_'))?.amount);
  t.deepEqual([owed, -owed], [left, used]);
  t.is(renewed && totalOf(renewed) - owed, kase.expect[1]?.amount);
  t.deepEqual(changed && shownLines(changed), ['credit -21770 2016-05-05..2016-06-01', 'recurring 9999 2016-05-05..2016-05-10']);
});

example('KB-25', (t, kase) => {
  const endsAt = `${Number(kase.given.start.slice(0, 4)) + (kase.given.fixed_term_years ?? 0)}${kase.given.start.slice(4)}`;
  const first: Step = [{ ...startOf(kase), endsAt: utc(endsAt) } as SubscriptionCommand, kase.given.start];
  expectInvoices(t, kase, invoicesIn(kase, '2025-12-02', [], first));
  t.is(liveThrough([first], '2025-12-02').state.status, kase.expect.at(-1)?.state as never);
});

example('KB-41', (t, kase) => {
  const policy: RetryPolicy = { ...defaultRetryPolicy, retryDays: [], suspendAfterDays: 10, graceDays: 60 };
  const declines = (now: string) => now > '2012-06-01' && now < '2012-08-01';
  const { happened } = liveThrough(
    [
      [startOf(kase, policy), kase.given.start],
      [retryPayment, '2012-08-01'],
    ],
    '2012-09-01',
    (now) => !declines(now),
  );
  expectInvoices(
    t,
    kase,
    happened.flatMap(({ at: made, event }) => invoicesOf([event]).map((invoice) => ({ made, invoice }))),
  );
});

example('KB-42', (t, kase) => {
  const policy: RetryPolicy = {
    ...defaultRetryPolicy,
    retryDays: kase.given.retry_days ?? [],
    retryMode: 'interval',
    suspendAfterDays: 40,
    graceDays: 60,
  };
  const { happened } = liveThrough([[start({ policy }), '2026-03-01']], '2026-05-01', (now) => now < '2026-04-01');
  const failures = happened.flatMap(({ at: failed, event }) =>
    event.type === 'subscription.payment-failed' ? [{ failed, retryAt: event.retryAt }] : [],
  );
  const days = kase.steps.map((step) => plusLocalDays(utc('2026-04-01'), Number(step.at.replace('D+', '')), 'UTC'));
  t.deepEqual(
    failures.map(({ failed }) => failed),
    days,
  );
  t.deepEqual(
    [failures.map(({ retryAt }) => (retryAt === null ? 'ABORTED' : 'RETRIED'))],
    kase.expect.map(({ states }) => states ?? []),
  );
});

const datesOf = (kase: WorkedCase, until: string) => invoicesIn(kase, until).map(({ made }) => day(made));

example('ST-02', (t, kase) => t.deepEqual(datesOf(kase, '2023-05-01'), kase.expect[0]?.dates ?? []));
example('LG-11', (t, kase) => {
  const made = datesOf(kase, '2024-03-31');
  const wanted = kase.expect[0]?.dates ?? [];
  t.true(wanted.length > 0);
  t.deepEqual(
    wanted.filter((date) => !made.includes(date)),
    [],
  );
});

example('LG-18', (t, kase) => {
  const calendar = { ...kase, given: { ...kase.given, anchor_day: 1 } };
  const first = invoicesIn(calendar, '2024-03-11 22:00', []);
  t.deepEqual(
    first.map(({ invoice }) => totalOf(invoice)),
    [kase.expect[1]?.amount],
  );
  const again = { ...startOf(calendar), trialDays: 0 } as SubscriptionCommand;
  const second = invoicesIn(calendar, '2024-03-12', [], [again, '2024-03-11 23:05']);
  t.deepEqual(
    second.map(({ invoice }) => totalOf(invoice)),
    [kase.expect[2]?.amount],
  );
});

example('LG-03', (t, kase) => {
  const [first, second, third] = invoicesIn(kase, '2024-03-13').map(({ invoice }) =>
    shownLines(invoice).map((line) => Number(line.split(' ')[1])),
  );
  const expected = kase.expect.map(({ amount, net }) => (net === undefined ? amount : -net));
  t.deepEqual([first?.[0], second?.[1], second?.[0], third?.[1], third?.[0]], expected);
});

example('LG-15', (t, kase) => {
  const change = invoicesIn(kase, '2024-02-13').at(-1)?.invoice;
  t.deepEqual(
    change?.lines.map(({ amount }) => Math.abs(amount)),
    kase.expect.map(({ amount }) => amount),
  );
  t.is(change && day(change.lines[0]?.period.end ?? ''), '2024-03-01');
});

example('MT-03', (t, kase) => {
  const [, ...made] = invoicesIn(kase, '2024-02-02');
  const expected: unknown[] = kase.expect.map(({ at: date, amount }) => [date, amount]);
  t.deepEqual(
    made.map(({ made: on, invoice }) => [day(on), totalOf(invoice)]),
    expected,
  );
});

/**
 * Another product counts a year from the month of the change; Marquee continues the annual term
 * unless the change requests otherwise.
 */
example('KB-04', (t, kase) => {
  const [{ at: date, params } = { at: '' }] = kase.steps.slice(1);
  const steps: Step[] = [[change(plan(kase, params?.to), { when: 'now', anchor: 'day' }), at(date)]];
  expectInvoices(t, kase, invoicesIn(kase, '2015-03-16', steps));
});

/** Another product ends a trial on a change; Marquee does so only on request. */
example('MT-12', (t, kase) => {
  const [{ at: date, params } = { at: '' }] = kase.steps.slice(1);
  const ending: Step = [change(plan(kase, params?.to), { when: 'now', trial: 'end' }), at(date)];
  const { happened, state } = liveThrough([[startOf(kase), at(kase.given.start)], ending], date);
  const [status, invoice, adjustment, start] = kase.expect;
  const [made, ...more] = happened.flatMap(({ event }) => invoicesOf([event]));
  t.is(state.status, status?.state as never);
  t.deepEqual([made && totalOf(made), more], [invoice?.amount, []]);
  t.is(made?.lines.filter(({ kind }) => kind === 'credit').length, adjustment?.amount);
  t.is(day(state.period?.start ?? ''), (start as unknown as { date: string }).date);
});

const inUtc: Measure = { timezone: 'UTC', prorationUnit: 'day' };

/**
 * The price of a range with an anchor: the stub before its first boundary, the whole periods, and
 * the part of the last.
 */
function billRange(bought: Terms, anchorDay: number, from: string, until: string): number[] {
  const amounts: number[] = [];
  const anchor = anchorOn(anchorDay, null, bought.plan.interval, 'UTC', utc(from));
  for (let next = utc(from); next < utc(until); ) {
    const line = recurringLine(bought, anchor, next, inUtc);
    const item = { kind: 'recurring' as const, terms: bought, invoiceId: 'inv_1', period: line.period, amount: line.amount, credited: 0 };
    amounts.push(line.amount + (creditLine(item, 'unused-time', inUtc, utc(until))?.amount ?? 0));
    next = line.period.end;
  }
  return amounts;
}

example('KB-22', (t, kase) => {
  const [february, range] = kase.expect;
  t.deepEqual(billRange(plan(kase), 1, '2012-02-01', '2012-02-15'), [february?.amount]);
  t.deepEqual(
    billRange(plan(kase), 7, '2011-01-31', '2011-03-10'),
    range?.lines?.map(({ amount }) => amount),
  );
});

example('KB-23', (t, kase) =>
  t.deepEqual(
    billRange(plan(kase), 17, '2011-01-10', '2012-03-04'),
    kase.expect[0]?.lines?.map(({ amount }) => amount),
  ),
);

example('OM-06', (t, kase) => {
  const [{ at: asked, params } = { at: '' }] = kase.steps;
  const steps: Step[] = [[cancel(utc(params?.date ?? '')), at(asked)]];
  expectInvoices(t, kase, invoicesIn(kase, '2024-05-01', steps));
  t.is(liveThrough([[startOf(kase), kase.given.start], ...steps], '2024-05-01').state.status, kase.expect.at(-1)?.state as never);
});

/**
 * Another product counts the day of the cancellation as used; Marquee does so on request. Either
 * anchor of the case gives the same result.
 */
example('LG-09', (t, kase) => {
  const [started, ended] = kase.steps;
  for (const day of [15, 1]) {
    const first: Step = [{ ...startOf(kase), anchor: { day, month: 4 } } as SubscriptionCommand, at(started?.at ?? '')];
    const cancelled: Step = [{ ...cancel('now'), lastDay: 'included' } as SubscriptionCommand, at(ended?.at ?? '')];
    const made = invoicesIn(kase, '2024-08-01', [cancelled], first);
    t.deepEqual(
      made.map(({ made: on, invoice }) => [on.slice(0, 10), totalOf(invoice)]),
      kase.expect.map(({ at: date, amount }) => [date, amount as number]),
    );
  }
});

example('OM-07', (t, kase) => {
  const [actual, full] = kase.expect;
  const bought = plan(kase);
  const stub = recurringLine(bought, anchorOn(1, null, bought.plan.interval, 'UTC', utc('2024-01-01')), utc(at(kase.given.start)), {
    ...inUtc,
    prorationUnit: 'second',
  });
  t.deepEqual([stub.amount, stub.explanation.base], [actual?.amount, full?.amount]);
});

example('FP-03', (t, kase) => {
  const [add, remove] = kase.expect;
  const charge = (name: string, from: string) =>
    recurringLine(plan(kase, name), anchorOn(1, null, { unit: 'month', count: 1 }, 'UTC', utc('2024-03-01')), utc(from), inUtc);
  t.is<number | undefined, number | undefined>(charge('ADD', '2024-03-15').amount, add?.amount);
  const { amount, period } = charge('REM', '2024-03-01');
  const item = { kind: 'recurring' as const, terms: plan(kase, 'REM'), invoiceId: 'inv_1', period, amount, credited: 0 };
  t.is(creditLine(item, 'unused-time', inUtc, utc('2024-03-15'))?.amount, remove?.amount);
});

example('ST-07', (t, kase) => {
  const [first, resumed] = kase.steps;
  const steps: Step[] = [
    [{ type: 'pause', when: 'now', until: null, credit: 'none' }, first?.at ?? ''],
    [{ type: 'resume', anchor: 'keep' }, resumed?.at ?? ''],
  ];
  t.deepEqual(
    invoicesIn(kase, '2026-04-16', steps).map(({ made }) => day(made)),
    ['2026-01-01', '2026-04-15'],
  );
});

example('LG-30', (t, kase) => t.is(minorUnits(kase.steps[0]?.params?.value ?? '', 'KWD'), kase.expect[0]?.amount));

test('every worked case is tested, in this file or by its id in another one', (t) => {
  const files = globSync('tests/**/*.test.ts', { cwd: projectDirectory }).filter((file) => !file.endsWith('worked-cases.test.ts'));
  const texts = files.map((file) => readFileSync(join(projectDirectory, file), 'utf8'));
  const isTested = (id: string) => driven.has(id) || texts.some((text) => text.includes(id));

  t.deepEqual(
    [...workedCases.keys()].filter((id) => !isTested(id)),
    [],
  );
});
