import test from 'ava';
import { householdOf, networkOf } from '../../services/security/risk-identity.ts';
import { type Counted, limitsOf, type Mark } from '../../services/security/risk-limits.ts';
import { possiblyAbandoned, riskAnswerOf } from '../../services/security/risk-rules.ts';
import { type RiskRules, riskRulesSchema } from '../../services/security/risk-settings.ts';
import { type RiskAnswer, type RiskQuestion, riskRefusal } from '../../services/shared/contracts/risk-check.ts';

type Start = Extract<RiskQuestion, { kind: 'subscription-start' }>;

const now = '2026-03-10T12:00:00.000Z';
const ada = { customerId: 'cus_ada', testClock: null, country: 'DE' };
const card = { gateway: 'stripe', fingerprint: 'f1', country: 'DE' } as const;
const offered: RiskQuestion = { kind: 'payment-method-offered', id: 'pm_1', ...ada };
const trial: Start = {
  ...{ kind: 'subscription-start', id: 'sub_1', ...ada, card, household: 'h1', address: null, sourceAddress: '203.0.113.7' },
  trialOf: 'plan_basic',
};

type Counts = { readonly [tally: string]: readonly Mark[] };
type Case = { readonly rules?: object; readonly counted?: Counts; readonly question: RiskQuestion };

const rulesOf = (changes: object = {}): RiskRules => riskRulesSchema.parse(changes);
const marks = (count: number, at: string): Mark[] => Array.from({ length: count }, (_, index) => ({ by: `other_${index}`, at }));

/** The answer to a question where so much was counted, by kind of tally. */
function answerTo({ rules, counted = {}, question }: Case): RiskAnswer {
  const limits = limitsOf(question, rulesOf(rules));
  const found: Counted[] = limits.map((limit) => ({ limit, marks: counted[limit.tally.kind] ?? [] }));
  return riskAnswerOf(question, found, rulesOf(rules), now);
}

const gives = test.macro((t, given: Case, expected: Partial<RiskAnswer>) => {
  t.like(answerTo(given), expected);
});

test(
  'a request that meets no limit is allowed',
  gives,
  { question: trial },
  { verdict: 'allow', code: null, reasons: [], withoutTrial: false },
);

const methods = (count: number, at: string): Counts => ({ methods: marks(count, at) });
const hourAgo = '2026-03-10T11:00:00.000Z';
test('the fifth payment method in a day is allowed', gives, { question: offered, counted: methods(4, hourAgo) }, { verdict: 'allow' });
test(
  'the sixth payment method is refused until the day of the first is over',
  gives,
  { question: offered, counted: { methods: [...marks(4, hourAgo), { by: 'pm_0', at: '2026-03-10T10:00:00.000Z' }] } },
  { verdict: 'refuse', code: 'too-many-payment-methods', retryAfterSeconds: 22 * 3600 },
);
test(
  'payment methods older than a day, to the millisecond, no longer count',
  gives,
  { question: offered, counted: methods(5, '2026-03-09T12:00:00.000Z') },
  { verdict: 'allow' },
);
test(
  'a payment method that was already counted is allowed again',
  gives,
  { question: offered, counted: { methods: [...marks(4, hourAgo), { by: 'pm_1', at: hourAgo }] } },
  { verdict: 'allow' },
);
test(
  'a customer with ten payment methods refused by their gateway is refused for the rest of the day',
  gives,
  { question: offered, counted: { 'failed-checks': marks(10, hourAgo) } },
  { verdict: 'refuse', code: 'too-many-payment-methods', retryAfterSeconds: 23 * 3600 },
);
test(
  'a disabled rule counts nothing',
  gives,
  {
    rules: { methodsPerCustomer: null, failedChecksPerCustomer: null },
    question: offered,
    counted: { ...methods(99, hourAgo), 'failed-checks': marks(99, hourAgo) },
  },
  { verdict: 'allow' },
);

const used = marks(1, '2025-04-01T00:00:00.000Z');
const refusedTrial = { verdict: 'refuse', code: 'trial-already-used', retryAfterSeconds: null } as const;
test('a card has one trial of a plan family', gives, { question: trial, counted: { card: used } }, refusedTrial);
test('a household has one trial of a plan family', gives, { question: trial, counted: { household: used } }, refusedTrial);
test(
  'a card has another trial after a year',
  gives,
  { question: trial, counted: { card: marks(1, '2025-03-10T12:00:00.000Z') } },
  { verdict: 'allow' },
);
test(
  'a start without a trial uses no trial',
  gives,
  { question: { ...trial, trialOf: null }, counted: { card: used } },
  { verdict: 'allow' },
);
test(
  'a start may proceed without the trial where the rules allow it, and is recorded for review',
  gives,
  { rules: { onTrialUsed: 'no-trial' }, question: trial, counted: { card: used } },
  { verdict: 'review', code: 'trial-already-used', withoutTrial: true },
);
test(
  'a card of the simulated gateway is not counted, because its tokens are shared',
  gives,
  { question: { ...trial, card: { ...card, gateway: 'simulated' } }, counted: { card: used } },
  { verdict: 'allow' },
);
test(
  'a card of the simulated gateway is counted where the rules say so',
  gives,
  {
    rules: { oneTrialPerCard: { simulated: true } },
    question: { ...trial, card: { ...card, gateway: 'simulated' } },
    counted: { card: used },
  },
  refusedTrial,
);
test(
  'trials from one source are limited per day',
  gives,
  { question: trial, counted: { source: marks(10, hourAgo) } },
  { verdict: 'refuse', code: 'too-many-trials', retryAfterSeconds: 23 * 3600 },
);
test(
  'trials of one customer are limited',
  gives,
  { rules: { trialsPerCustomer: { limit: 1, hours: 2 } }, question: trial, counted: { trials: marks(1, hourAgo) } },
  { verdict: 'refuse', code: 'too-many-trials', retryAfterSeconds: 3600 },
);
test(
  'a trial that was already used is refused without a time to wait, however many trials were started',
  gives,
  { question: trial, counted: { card: used, source: marks(10, hourAgo) } },
  refusedTrial,
);

const blocked = { blockedCountries: ['KP'] };
const ofPointer = (pointer: string) => ({ verdict: 'refuse', code: 'country-blocked', reasons: [{ pointer }] }) as never;
test(
  'a subscription of a customer in a blocked country is refused',
  gives,
  { rules: blocked, question: { ...trial, trialOf: null, country: 'KP' } },
  ofPointer('/customerId'),
);
test(
  'a payment method of a customer in a blocked country is refused',
  gives,
  { rules: blocked, question: { ...offered, country: 'KP' } },
  ofPointer(''),
);
test(
  'a card of a blocked country is refused',
  gives,
  {
    rules: blocked,
    question: { kind: 'payment-method-checked', id: 'pm_1', ...ada, isRefused: false, card: { ...card, country: 'KP' } },
  },
  ofPointer('/token'),
);
const abroad: RiskQuestion = { kind: 'payment-method-checked', id: 'pm_1', ...ada, isRefused: false, card: { ...card, country: 'FR' } };
for (const verdict of ['allow', 'review', 'refuse'] as const)
  test(
    `for a card of another country the verdict is ${verdict} where the rules say so`,
    gives,
    { rules: { onCountryMismatch: verdict }, question: abroad },
    { verdict },
  );

test(
  'a card of a refused country is refused, also without its trial',
  gives,
  {
    rules: { onTrialUsed: 'no-trial', onCountryMismatch: 'refuse' },
    question: { ...trial, card: { ...card, country: 'FR' } },
    counted: { card: used },
  },
  { verdict: 'refuse', code: 'country-mismatch', withoutTrial: false },
);

test('only a redemption older than ten minutes that prevents another one is checked for its start', (t) => {
  const [limit] = limitsOf(trial, rulesOf());
  const old = { by: 'sub_0', at: '2026-03-10T11:50:00.000Z' };
  const of = (...marks: Mark[]) => possiblyAbandoned({ limit: limit as never, marks }, 'sub_1', now);
  t.deepEqual(of(old), [old]);
  t.deepEqual(of({ ...old, at: '2026-03-10T11:50:00.001Z' }), []);
  t.deepEqual(of({ ...old, by: 'sub_1' }), []);
});

test('a refusal is 429 where a later request can succeed, and else 422 with a pointer', (t) => {
  const tooFast = answerTo({ question: offered, counted: methods(5, hourAgo) });
  t.like(riskRefusal(tooFast), { status: 429, code: 'too-many-payment-methods', retryAfterSeconds: 23 * 3600 });
  const had = answerTo({ question: trial, counted: { card: used } });
  t.like(riskRefusal(had), { status: 422, code: 'trial-already-used', errors: [{ pointer: '/planId', code: 'trial-already-used' }] });
  t.is(riskRefusal(answerTo({ question: abroad })), undefined);
});

for (const [difference, one, other, same] of [
  ['case, accents and punctuation', { line1: 'Königstr. 5', city: 'Köln' }, { city: 'KOLN', line1: 'Konigstr 5' }, true],
  ['empty fields', { line1: 'Main St 5', line2: ' ' }, { line1: 'Main St 5' }, true],
  ['another number', { line1: 'Main St 5' }, { line1: 'Main St 6' }, false],
] as const)
  test(`in an address, ${difference} ${same ? 'do not matter' : 'matters'}`, (t) => {
    const of = (address: Readonly<Record<string, string>>) => householdOf({ ...trial, household: null, address }, true);
    t.is(of(one) === of(other), same);
  });

test('the household that the app names comes before the address, which the rules may exclude', (t) => {
  const address = { line1: 'Main St 5' };
  t.is(householdOf({ ...trial, address }, true), householdOf({ ...trial, address: null }, true));
  t.is(householdOf({ ...trial, household: null, address }, false), null);
  t.is(householdOf({ ...trial, household: null, address: { line1: ' ' } }, true), null);
});

test('a source is an IPv4 address, or the /64 of an IPv6 address', (t) => {
  t.is(networkOf('203.0.113.7'), '203.0.113.7');
  t.is(networkOf('::ffff:203.0.113.7'), '203.0.113.7');
  t.is(networkOf('2001:db8:0:1::1'), networkOf('2001:0DB8:0000:0001:ffff:0:0:9'));
  t.not(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'));
  t.is(networkOf('2001:db8::1'), '2001:db8:0:0::/64');
  t.is(networkOf('nowhere'), null);
});
