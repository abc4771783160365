import test from 'ava';
import type { Platform, Service } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceClosed, invoiceFinalised, noon } from '../support/money-events.ts';
import { paymentId as id, type Published, paymentOf, settledAs } from '../support/payment-service.ts';
import { deliver } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

test('given an outcome whose publication had no response, when the customer pays meanwhile, then each event id stands for one outcome', async (t) => {
  const published: Published = [];
  let [service, confirm]: [Service | undefined, () => Promise<unknown>] = [undefined, async () => {}];
  let failures = 1;
  const publish: Platform['publish'] = async (events) => {
    published.push(...(events as Published));
    failures -= 1;
    if (failures < 0) return;
    await deliver(service as Service, invoiceClosed('invoice.voided'));
    await confirm();
    throw new Error('the response of the broker is lost');
  };
  const parts = await paymentOf(t, { tokens: ['tok_3ds'], publish });
  const intents = parts.documents.collection('simulated_gateway_intents');
  service = parts.service;
  confirm = async () => parts.gateway.confirmAuthenticated('by the customer', String((await intents.findOne())?._id), noon);

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'cancelled');
  await deliver(service, invoiceClosed('invoice.voided'));
  await settledAs(service, 'succeeded');

  const outcomes = Map.groupBy(published, (event) => event.id);
  t.deepEqual(
    [...outcomes].map(([event, repeats]) => [event, [...new Set(repeats.map(({ type }) => type))]]),
    [
      [`${id}:1`, ['payment.action-required']],
      [`${id}:2`, ['payment.succeeded']],
    ],
  );
});

test('an outcome that is fixed before a crash is published as it is by the next process', async (t) => {
  const { service, documents, published, anotherProcess, setNow } = await paymentOf(t, { tokens: ['tok_declined'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  await service.stop?.();
  const outcome = { kind: 'succeeded', gateway: 'simulated', intentId: 'pi_1', paymentMethodId: null };
  await documents.collection('payments').updateOne({}, { $set: { status: 'processing', decided: { outcome, at: noon } } });

  setNow(plusMillis(noon, 60_000));
  await settledAs(await anotherProcess(), 'succeeded');
  await until(() => published.length === 2);

  t.like(published[1], { id: `${id}:2`, type: 'payment.succeeded', time: noon });
});
