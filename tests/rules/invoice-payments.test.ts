import test from 'ava';
import { withPayment } from '../../services/invoicing/invoice-changes.ts';
import { issuedInvoice } from '../support/issued-invoice.ts';
import { noon, paymentSettled } from '../support/money-events.ts';

const openInvoice = issuedInvoice({ lines: [{ amount: 1799 }] });
const succeeded = (sequence: number) => paymentSettled('inv_sub_1_1', 'succeeded', { sequence });

for (const outcome of ['action-required', 'declined'] as const)
  test(`given an invoice that knows an event as ${outcome}, when the same event says that the payment succeeded, then the money counts`, (t) => {
    const before = withPayment(openInvoice, paymentSettled('inv_sub_1_1', outcome, { sequence: 2 }), noon);

    const after = withPayment(before, succeeded(2), noon);

    t.like(after, { status: 'paid', amountPaid: 1799, attempts: { length: 1, 0: { outcome: 'succeeded' } } });
    t.is(withPayment(after, succeeded(2), noon), after, 'a repeat changes nothing');
  });

test('a success that is published again under the next number is counted once', (t) => {
  const paid = withPayment(openInvoice, succeeded(1), noon);

  t.is(withPayment(paid, succeeded(2), noon), paid);
});

test('a decline that arrives after the success with its id changes nothing', (t) => {
  const paid = withPayment(openInvoice, succeeded(2), noon);

  t.is(withPayment(paid, paymentSettled('inv_sub_1_1', 'declined', { sequence: 2 }), noon), paid);
});
