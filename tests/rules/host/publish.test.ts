import test from 'ava';
import { createPublisher } from '../../../services/host/publish.ts';
import type { Sidecar } from '../../../services/shared/sidecar.ts';
import { customerCreated } from '../../support/money-events.ts';

const mebibyte = 1024 * 1024;

/** A sidecar that refuses bodies above 8 MiB, as daprd does, and lists the events of each call. */
function sidecarWithLimit() {
  const calls: string[][] = [];
  const within: Sidecar['within'] = async (_method, _path, body) => {
    if (Buffer.byteLength(JSON.stringify(body)) > 8 * mebibyte) return { status: 413, text: '' };
    calls.push((body as { event: { id: string } }[]).map(({ event }) => event.id));
    return { status: 204, text: '' };
  };
  const sidecar: Sidecar = { start: async () => ({ status: 404, text: '' }), within, close: async () => {} };
  return { calls, sidecar };
}

const event = (index: number, bytes = 0) => customerCreated(`cus_${index}`, { name: 'x'.repeat(bytes) });

test('many large events are published in calls that a sidecar takes, and keep their order', async (t) => {
  const { sidecar, calls } = sidecarWithLimit();
  const events = Array.from({ length: 100 }, (_, index) => event(index, mebibyte / 5));

  await createPublisher(sidecar).publish(events);

  t.true(calls.length > 1);
  t.deepEqual(
    calls.flat(),
    events.map(({ id }) => id),
  );
});

test('an event that no sidecar takes fails alone', async (t) => {
  const { sidecar, calls } = sidecarWithLimit();
  const publisher = createPublisher(sidecar);

  const outcomes = await Promise.allSettled([event(1), event(2, 9 * mebibyte), event(3)].map((each) => publisher.publish([each])));

  t.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.deepEqual(calls.flat(), ['cus_1:1', 'cus_3:1']);
});

test('small events share a call, up to a hundred', async (t) => {
  const { sidecar, calls } = sidecarWithLimit();

  await createPublisher(sidecar).publish(Array.from({ length: 250 }, (_, index) => event(index)));

  t.deepEqual(
    calls.map(({ length }) => length),
    [100, 100, 50],
  );
});

test('a repeat of an event that waits is sent once, and another content under its id is sent too', async (t) => {
  const { sidecar, calls } = sidecarWithLimit();
  const { publish } = createPublisher(sidecar);

  await Promise.all([publish([event(1)]), publish([event(1), event(2)]), publish([event(1, 5)])]);
  await publish([event(1)]);

  t.deepEqual(calls, [['cus_1:1', 'cus_2:1', 'cus_1:1'], ['cus_1:1']]);
});

test('while the broker is unavailable only so many events wait, and the end does not wait for them', async (t) => {
  const away = new Promise<never>(() => {});
  const publisher = createPublisher({ start: () => away, within: () => away, close: async () => {} });
  const outcomes = { refused: 0 };
  for (let index = 0; index < 25_000; index++) publisher.publish([event(index)]).catch(() => (outcomes.refused += 1));

  await publisher.drain(50);

  t.true(outcomes.refused > 4_000 && outcomes.refused < 5_000, 'all but those that wait and those under way');
});
