import test from 'ava';
import {
  type Account,
  addPaymentMethod,
  type CustomerFields,
  canonical,
  eraseCustomer,
  openAccount,
  removePaymentMethod,
  updateCustomer,
} from '../../services/account/account.ts';
import { customerPatch, newCustomer, newPaymentMethod } from '../../services/account/bodies.ts';
import { isCountry } from '../../services/shared/countries.ts';

const now = '2026-03-01T00:00:00.000Z';
const later = '2026-04-01T00:00:00.000Z';
const body = { email: 'ada@example.com', name: 'Ada', country: 'DE', currency: 'EUR' };
const fields: CustomerFields = (({ id: _, testClock: __, ...rest }) => rest)(
  newCustomer.parse({ ...body, phone: '+49 (30) 901-820', birthYear: 1990 }),
);
const opened: Account = openAccount('cus_1', fields, null, now);
const method = (id: string, isDefault = false) =>
  ({ id, gateway: 'simulated', type: 'card', token: 'tok_ok', card: null, default: isDefault }) as const;
const withMethods = (...methods: ReturnType<typeof method>[]): Account =>
  methods.reduce<Account>((account, added) => {
    const decision = addPaymentMethod(account, added, now);
    return (decision.ok && decision.value) || account;
  }, opened);
const order = ({ paymentMethods }: Account) => paymentMethods.map(({ id, default: isDefault }) => (isDefault ? `${id}*` : id));

test('a new customer gets the defaults that the body leaves out', (t) => {
  t.like(opened.customer, {
    locale: 'en',
    timezone: 'UTC',
    phone: '+4930901820',
    address: null,
    preferences: { email: true, sms: false },
    erasedAt: null,
  });
});

for (const [fault, wrong, at] of [
  ['an unknown currency', { currency: 'XYZ' }, 'currency'],
  ['a currency in small letters', { currency: 'eur' }, 'currency'],
  ['a country that is a region', { country: 'EU' }, 'country'],
  ['a former country', { country: 'SU' }, 'country'],
  ['an unknown time zone', { timezone: 'Europe/Atlantis' }, 'timezone'],
  ['an offset for a time zone', { timezone: '+02:00' }, 'timezone'],
  ['an impossible locale', { locale: 'not a locale' }, 'locale'],
  ['an invalid e-mail address', { email: 'ada' }, 'email'],
  ['a blank name', { name: '  ' }, 'name'],
  ['an id of another noun', { id: 'sub_1' }, 'id'],
  ['an id with a slash', { id: 'cus_a/b' }, 'id'],
  ['an id with Dapr\u2019s separator', { id: 'cus_a||b' }, 'id'],
  ['a year of birth that is not a whole number', { birthYear: 1990.5 }, 'birthYear'],
  ['a telephone number without country code', { phone: '030 901820' }, 'phone'],
  ['a field name that a document store could read as an operator', { address: { $where: 'x' } }, 'address'],
  ['an unknown field', { nickname: 'Ada' }, undefined],
] as const)
  test(`a customer with ${fault} is refused`, (t) => {
    const read = newCustomer.safeParse({ ...body, ...wrong });
    t.false(read.success);
    t.is(read.error?.issues[0]?.path[0], at);
  });

test('locales are stored in canonical case, and all 249 assigned country codes are known', (t) => {
  t.is(newCustomer.parse({ ...body, locale: 'PT-br' }).locale, 'pt-BR');
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  t.is(letters.flatMap((a) => letters.map((b) => a + b)).filter(isCountry).length, 249);
});

test('neither the id nor the test clock of a customer can be changed', (t) => {
  t.false(customerPatch.safeParse({ id: 'cus_2' }).success);
  t.false(customerPatch.safeParse({ testClock: null }).success);
});

test('an update publishes the changed fields with their former values', (t) => {
  const decision = updateCustomer(opened, { name: 'Ada L.', country: 'DE', address: { city: 'Berlin' } });
  t.like(decision, {
    ok: true,
    value: { event: { type: 'customer.updated', data: { name: 'Ada L.', previous: { name: 'Ada', address: null } } } },
  });
  if (!decision.ok || !decision.value) return t.fail();
  t.deepEqual(Object.keys((decision.value.event.data as { previous: object }).previous), ['name', 'address']);
});

test('an update with the present values changes nothing, whatever the order of keys', (t) => {
  t.deepEqual(updateCustomer(opened, {}), { ok: true, value: undefined });
  t.deepEqual(updateCustomer(opened, { name: 'Ada', preferences: { sms: false, email: true } }), { ok: true, value: undefined });
});

test('erasing removes all personal data and keeps the fields that bookkeeping needs', (t) => {
  const decision = eraseCustomer(withMethods(method('pm_1')), later);
  if (!decision.ok || !decision.value) return t.fail();
  const text = JSON.stringify(decision.value);
  for (const personal of ['ada@example.com', 'Ada', '4930901820', '1990']) t.false(text.includes(personal), personal);
  t.like(decision.value.customer, { id: 'cus_1', country: 'DE', currency: 'EUR', timezone: 'UTC', createdAt: now, erasedAt: later });
  t.like(decision.value.event, { type: 'customer.erased', data: { erased: ['email', 'name', 'phone', 'birthYear', 'preferences'] } });
  t.is(decision.value.paymentMethods.length, 1);
  t.deepEqual(eraseCustomer(decision.value, later), { ok: true, value: undefined });
  const shared = withMethods();
  const erasedShared = eraseCustomer({ ...shared, customer: { ...shared.customer, household: 'h1' } }, later);
  t.is(erasedShared.ok && erasedShared.value?.customer.household, null);
  t.like(updateCustomer(decision.value, { name: 'Ada' }), { ok: false, rejection: { code: 'customer-erased' } });
  t.like(addPaymentMethod(decision.value, method('pm_2'), later), { ok: false, rejection: { code: 'customer-erased' } });
});

test('the first method is the default, later ones follow, and a new default demotes the others', (t) => {
  t.deepEqual(order(withMethods(method('pm_1'))), ['pm_1*']);
  t.deepEqual(order(withMethods(method('pm_1'), method('pm_2'))), ['pm_1*', 'pm_2']);
  t.deepEqual(order(withMethods(method('pm_1'), method('pm_2'), method('pm_3', true))), ['pm_3*', 'pm_1', 'pm_2']);
});

test('after a method is removed, the others keep their order, the first one as default', (t) => {
  const three = withMethods(method('pm_1'), method('pm_2'), method('pm_3'));
  const without = (id: string) => {
    const decision = removePaymentMethod(three, id);
    return decision.ok && decision.value ? order(decision.value) : undefined;
  };
  t.deepEqual(without('pm_1'), ['pm_2*', 'pm_3']);
  t.deepEqual(without('pm_2'), ['pm_1*', 'pm_3']);
  t.like(removePaymentMethod(three, 'pm_4'), { ok: false, rejection: { code: 'payment-method-not-found' } });
});

test('the same method again changes nothing; another one under its id, or a twenty-first, is refused', (t) => {
  t.deepEqual(addPaymentMethod(withMethods(method('pm_1')), method('pm_1'), later), { ok: true, value: undefined });
  t.like(addPaymentMethod(withMethods(method('pm_1')), { ...method('pm_1'), token: 'tok_3ds' }, later), {
    ok: false,
    rejection: { code: 'already-exists' },
  });
  const full = withMethods(...Array.from({ length: 20 }, (_, index) => method(`pm_${index}`)));
  t.like(addPaymentMethod(full, method('pm_20'), later), { ok: false, rejection: { code: 'too-many-payment-methods' } });
});

test('a token must be visible ASCII, and a gateway must exist', (t) => {
  t.true(newPaymentMethod.safeParse({ gateway: 'simulated', token: 'tok_declined_until:2026-04-01T00:00:00Z' }).success);
  t.false(newPaymentMethod.safeParse({ gateway: 'simulated', token: 'tok ok' }).success);
  t.false(newPaymentMethod.safeParse({ gateway: 'paper', token: 'tok_ok' }).success);
});

test('equal values have one canonical text', (t) => {
  t.is(canonical({ b: [{ d: 1, c: 2 }], a: null }), canonical({ a: null, b: [{ c: 2, d: 1 }] }));
  t.not(canonical([1, 2]), canonical([2, 1]));
});
