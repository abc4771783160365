// @ts-nocheck An outside client is plain JavaScript.
// Runs the worked cases against Marquee's public HTTP API with test clocks, as an outside client would: it shares no code
// with Marquee.
//   node tests/examples/client.mjs BASE_URL ADMIN_EMAIL ADMIN_PASSWORD [case-id ...]
// The variable CASES names another file than worked-cases.json. Prints ok, FAIL or skip for each case and 'N of M' last;
// exits with 1 unless every case that it ran holds.
import { readFileSync } from 'node:fs';
import { DateTime } from 'luxon';
import { complaint } from './compare.mjs';

const [, , base = 'http://127.0.0.1:8080', email, password, ...only] = process.argv;
const { cases } = JSON.parse(readFileSync(process.env.CASES ?? new URL('./worked-cases.json', import.meta.url)));
const run = Date.now().toString(36);

let token;
async function call(method, path, body, { allowError = false } = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok && !allowError) throw new Error(`${method} ${path} -> ${response.status} ${text.slice(0, 300)}`);
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text };
}

async function signIn() {
  const form = new URLSearchParams({ grant_type: 'password', username: email, password });
  const response = await fetch(`${base}/v1/auth/token`, { method: 'POST', body: form });
  token = (await response.json()).access_token;
  if (!token) throw new Error(`sign-in failed: ${response.status}`);
}

const driven = new Set([
  'create_subscription',
  'change_plan',
  'renew',
  'run_billing',
  'advance_clock',
  'cancel',
  'uncancel',
  'pause',
  'resume',
  'change_quantity',
  'change_anchor',
]);
const notDriven = [
  'tax',
  'overdue',
  'coupons',
  'coupon',
  'fees',
  'retry_days',
  'thresholds',
  'phases',
  'proration_days_in_month',
  'tax_fixed',
];

/**
 * The reason why this client cannot run a case (it runs plain cases of one subscription), or
 * undefined.
 */
function reasonToSkip({ given, steps, convention }) {
  for (const { action, at, params = {} } of steps) {
    if (!driven.has(action)) return `action ${action}`;
    if (!/^\d{4}-/.test(at)) return 'relative date';
    if (params.tax || params.case || params.mode || params.x) return 'special parameters';
  }
  const plans = Object.values(given.plans ?? {});
  if (!plans.length || !/^\d{4}-[^ ]*$/.test(given.start ?? '')) return 'no plan or start';
  if (plans.some((plan) => plan.billing !== 'advance')) return 'billed in arrears';
  if (plans.some((plan) => plan.phases || plan.components || plan.effective_for_existing)) return 'phases or components';
  if (['FIX30', 'DAY_INCL_TERM'].includes(convention)) return `convention ${convention}`;
  return notDriven.find((key) => given[key]);
}

const instantIn = (zone) => (text) =>
  (/[zZ]$|[+-]\d\d:\d\d$/.test(text) ? DateTime.fromISO(text) : DateTime.fromISO(text, { zone })).toUTC();

async function settle(clock) {
  for (let i = 0; i < 600; i++) {
    if ((await call('GET', `/v1/test-clocks/${clock}`)).json.status === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the clock never became ready');
}

/**
 * Cases of a convention that Marquee has as an option of the change: the request names the option.
 * KB-04 counts a year from the month of the change; MT-12 ends the trial on a change.
 */
const optionsOfChange = { 'KB-04': { anchor: 'day' }, 'MT-12': { trial: 'end' } };

/** Runs one case through the API and returns the invoices and the states to compare. */
async function runCase(kase) {
  const { given } = kase;
  const zone = given.timezone ?? 'UTC';
  const at = instantIn(zone);
  const tag = `${kase.id}-${run}`.toLowerCase();
  let now = at(given.start);
  const clock = (await call('POST', '/v1/test-clocks', { now: now.toISO() })).json.id;
  const advance = async (to) => {
    if (to <= now) return;
    await call('POST', `/v1/test-clocks/${clock}/advance`, { to: to.toISO() });
    await settle(clock);
    now = to;
  };

  const currency = Object.values(given.plans)[0].currency ?? 'USD';
  const planIds = {};
  for (const [name, plan] of Object.entries(given.plans)) {
    planIds[name] = `plan_${tag}-${name.toLowerCase()}`;
    await call('POST', '/v1/plans', {
      id: planIds[name],
      name: { en: name },
      trialDays: plan.trial_days ?? 0,
      taxBehaviour: 'exclusive',
      entitlements: {},
      prices: [
        { currency: plan.currency ?? currency, amount: plan.price, interval: { unit: plan.interval, count: plan.interval_count ?? 1 } },
      ],
      ...(plan.min > 0 && { minQuantity: plan.min }),
      ...(plan.max !== undefined && { maxQuantity: plan.max }),
    });
  }
  const customer = `cus_${tag}`;
  await call('POST', '/v1/customers', {
    id: customer,
    email: `${tag}@example.com`,
    name: tag,
    locale: 'en',
    country: 'US',
    currency,
    timezone: zone,
    testClock: clock,
  });
  await call('POST', `/v1/customers/${customer}/payment-methods`, { gateway: 'simulated', token: 'tok_ok', default: true });

  let subscription;
  const act = {
    async create_subscription(params = {}) {
      const isOwnDay = typeof given.anchor === 'string' && given.anchor.slice(0, 10) === given.start.slice(0, 10);
      const anchor = typeof given.anchor !== 'string' ? given.anchor : isOwnDay ? undefined : { day: Number(given.anchor.slice(8, 10)) };
      const day = params.anchor_day ?? given.anchor_day ?? anchor?.day ?? (given.billing_time === 'calendar' ? 1 : undefined);
      const body = {
        customerId: customer,
        planId: planIds[params.plan] ?? Object.values(planIds)[0],
        currency,
        timezone: zone,
        quantity: params.quantity ?? given.quantity ?? 1,
        prorationUnit: kase.convention === 'SEC' ? 'second' : 'day',
        ...(day && { anchor: { day, ...(anchor?.month && { month: anchor.month }) } }),
        ...(given.fixed_term_years && { endsAt: at(given.start).plus({ years: given.fixed_term_years }).toISO() }),
      };
      subscription = (await call('POST', '/v1/subscriptions', body)).json.id;
    },
    change_plan: ({ to, timing, anchor }) =>
      post('change', {
        planId: planIds[to],
        proration: 'prorate',
        anchor: ['reset', 'subscription'].includes(anchor) ? 'reset' : 'keep',
        when: !timing || /immediate|now/i.test(timing) ? 'now' : 'period-end',
        ...optionsOfChange[kase.id],
      }),
    cancel: ({ date, policy = '', credit }) =>
      post('cancel', {
        when: date ? at(date).toISO() : /end|term/i.test(policy) && !/start|immediate/i.test(policy) ? 'period-end' : 'now',
        credit: credit === false || credit === 'none' ? 'none' : 'prorate',
      }),
    uncancel: () => post('uncancel', {}),
    pause: () => post('pause', { when: 'now', credit: 'prorate' }),
    resume: () => post('resume', { anchor: 'keep' }),
    change_anchor: ({ day }) => post('anchor', { day }),
    async change_quantity({ to, delta, effective }) {
      const current = (await call('GET', `/v1/subscriptions/${subscription}`)).json;
      const target = to ?? (current.scheduledChange?.quantity ?? current.quantity) + delta;
      await post('change', { quantity: target, when: effective || target < current.quantity ? 'period-end' : 'now' }, { allowError: true });
    },
  };
  const post = (verb, body, options) => call('POST', `/v1/subscriptions/${subscription}/${verb}`, body, options);

  if (!kase.steps.some(({ action }) => action === 'create_subscription')) await act.create_subscription();
  const sampled = new Map();
  const sample = async (key) => {
    const shown = (await call('GET', `/v1/subscriptions/${subscription}`)).json;
    const credit = (await call('GET', `/v1/customers/${customer}/credit-balance`)).json;
    sampled.set(key, { ...shown, credit: credit.amount ?? credit.data?.[0]?.amount ?? 0 });
  };
  for (const moment of timeline(kase, at, zone)) {
    await advance(moment.time);
    if (moment.step) await act[moment.step.action]?.(moment.step.params ?? {});
    if (moment.step) await settle(clock);
    if (moment.sampleAs) await sample(moment.sampleAs);
  }
  const invoices = (await call('GET', `/v1/invoices?customerId=${customer}&limit=200`)).json.data;
  return { at, zone, sampled, invoices: invoices.filter(({ status }) => status !== 'void' && status !== 'draft') };
}

/**
 * Steps and samples in the order of time; a day without a time of day is sampled when it ends,
 * after its steps.
 */
function timeline(kase, at, zone) {
  const steps = kase.steps.map((step) => ({ time: at(step.at), rank: 0, step }));
  const days = [...new Set(kase.expect.map((expected) => expected.at).filter((text) => /^\d{4}-/.test(text)))];
  const samples = days.map((text) => ({
    time: text.length > 10 ? at(text) : DateTime.fromISO(text, { zone }).endOf('day').minus({ minutes: 1 }).toUTC(),
    rank: 1,
    sampleAs: text,
  }));
  return [...steps, ...samples].sort((a, b) => a.time - b.time || a.rank - b.rank);
}

await signIn();
let held = 0;
let total = 0;
for (const kase of cases) {
  if (only.length && !only.includes(kase.id)) continue;
  const skip = reasonToSkip(kase);
  if (skip) {
    console.log(`skip ${kase.id} ${skip}`);
    continue;
  }
  total++;
  try {
    const seen = await runCase(kase);
    const complaints = kase.expect.map((expected) => complaint(expected, seen)).filter(Boolean);
    if (!complaints.length) {
      held++;
      console.log(`ok   ${kase.id} ${kase.title}`);
    } else console.log(`FAIL ${kase.id}${kase.convention_differs ? ' (conventions differ)' : ''} ${complaints.join('; ').slice(0, 600)}`);
  } catch (error) {
    console.log(`FAIL ${kase.id} ${error.message.slice(0, 300)}`);
  }
}
console.log(`${held} of ${total}`);
process.exit(held === total ? 0 : 1);
