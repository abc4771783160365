import test from 'ava';
import fc from 'fast-check';
import { assess, sumOfRates } from '../../services/invoicing/tax/assessment.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { TaxRequest, TaxResult } from '../../services/invoicing/tax/tax-calculator.ts';
import { taxRequest } from '../support/tax-requests.ts';

const places = [
  { seller: { registrations: [] } },
  { buyer: { country: 'FR' } },
  { buyer: { country: 'FI' } },
  { buyer: { country: 'FR', vatId: 'FR40303265045' } },
  { buyer: { exempt: true } },
  { seller: { country: 'US', registrations: ['US-MN'] }, buyer: { country: 'US', region: 'MN' } },
  { seller: { country: 'CA', registrations: ['CA', 'CA-QC'] }, buyer: { country: 'CA', region: 'QC' } },
  { seller: { country: 'IN', registrations: ['IN-KA'] }, buyer: { country: 'IN', region: 'KA' } },
  { seller: { country: 'BR', registrations: ['BR-3550308'] }, buyer: { country: 'BR' } },
] as const;

const lines = fc.array(
  fc.record({
    amount: fc.integer({ min: -100_000, max: 100_000 }),
    supply: fc.constantFrom('electronic-service', 'electronic-service', 'fee'),
  }),
  { maxLength: 12 },
);

const requests: fc.Arbitrary<TaxRequest> = fc
  .record({ place: fc.constantFrom(...places), lines, taxBehaviour: fc.constantFrom('inclusive', 'exclusive') })
  .map(({ place, lines: drawn, taxBehaviour }) => ({ ...taxRequest({ ...place, taxBehaviour }), lines: drawn as TaxRequest['lines'] }));

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const taxOf = ({ lines: of, totals }: TaxResult) => [sum(of.map(({ tax }) => tax)), sum(totals.map(({ tax }) => tax))] as const;
const hasNoNegativeZero = (result: TaxResult) =>
  [...result.lines, ...result.totals].every((of) => Object.values(of).every((value) => !Object.is(value, -0)));

test('the tax of the lines sums to the tax of the totals, and no amount is a negative zero', (t) => {
  fc.assert(
    fc.property(requests, (request) => {
      const result = tableTax.taxOf(request);
      const [ofLines, ofTotals] = taxOf(result);
      t.is(ofLines, ofTotals);
      t.is(result.lines.length, request.lines.length);
      t.true(hasNoNegativeZero(result));
    }),
  );
});

test('net and tax sum to the inclusive price of each line, and the net is the exclusive price', (t) => {
  fc.assert(
    fc.property(requests, (request) => {
      const result = tableTax.taxOf(request);
      const isInclusive = request.taxBehaviour === 'inclusive';
      request.lines.forEach(({ amount }, index) => {
        const { net = 0, tax = 0 } = result.lines[index] ?? {};
        t.is(isInclusive ? net + tax : net, amount);
      });
    }),
  );
});

test('each total is its rate of the taxable sum, rounded once', (t) => {
  const amounts = fc.array(fc.integer({ min: -100_000, max: 100_000 }), { minLength: 1, maxLength: 12 });
  const basisPoints = fc.integer({ min: 1, max: 3_000 });
  fc.assert(
    fc.property(amounts, basisPoints, (charged, points) => {
      const rate = `0.${String(points).padStart(4, '0').replace(/0+$/, '')}`;
      const treatment = { category: 'S', reason: null, taxes: [{ name: 'VAT', jurisdiction: 'DE', rate }], withinPrice: false } as const;
      const { totals } = assess(charged, treatment, 'exclusive');
      const exact = sum(charged) * points;
      t.true(Math.abs((totals[0]?.tax ?? Number.NaN) * 10_000 - exact) * 2 <= 10_000);
      t.is(sumOfRates([rate]), rate);
    }),
  );
});

test('a line never differs from its exact share of a tax by a whole unit', (t) => {
  const amounts = fc.array(fc.integer({ min: -100_000, max: 100_000 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(amounts, (charged) => {
      const treatment = {
        category: 'S',
        reason: null,
        taxes: [{ name: 'VAT', jurisdiction: 'DE', rate: '0.19' }],
        withinPrice: false,
      } as const;
      const result = assess(charged, treatment, 'exclusive');
      charged.forEach((amount, index) => {
        t.true(Math.abs((result.lines[index]?.tax ?? Number.NaN) * 100 - amount * 19) < 100);
      });
    }),
  );
});

test('the order of the lines changes no total', (t) => {
  const shuffled = requests.chain((request) =>
    fc
      .shuffledSubarray([...request.lines], { minLength: request.lines.length })
      .map((reordered) => [request, { ...request, lines: reordered }] as const),
  );
  fc.assert(
    fc.property(shuffled, ([request, reordered]) => {
      t.deepEqual(tableTax.taxOf(reordered).totals, tableTax.taxOf(request).totals);
    }),
  );
});

test('a credit for everything is the exact negative, line by line and in total', (t) => {
  const negated = (of: readonly number[]) => of.map((number) => 0 - number);
  fc.assert(
    fc.property(requests, (request) => {
      const result = tableTax.taxOf(request);
      const credit = tableTax.taxOf({ ...request, lines: request.lines.map((line) => ({ ...line, amount: 0 - line.amount })) });
      t.deepEqual(
        credit.lines.map(({ tax }) => tax),
        negated(result.lines.map(({ tax }) => tax)),
      );
      t.deepEqual(
        credit.totals.map(({ tax }) => tax),
        negated(result.totals.map(({ tax }) => tax)),
      );
    }),
  );
});

test('rates add up exactly', (t) => {
  t.is(sumOfRates(['0.05', '0.09975']), '0.14975');
  t.is(sumOfRates(['0.1', '0.2']), '0.3');
  t.is(sumOfRates(['0.05', '0.05']), '0.1');
  t.is(sumOfRates(['0']), '0');
});
