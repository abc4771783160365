import test from 'ava';
import { withCircuitBreaker } from '../../services/payment/gateways/circuit-breaker.ts';
import type { Gateway, GatewayOutcome } from '../../services/payment/gateways/gateway.ts';
import { noon } from '../support/noon.ts';

/** A gateway whose responses to cancellations the test makes, behind its circuit breaker. */
function gatewayThat(respond: () => Promise<GatewayOutcome>) {
  let sent = 0;
  const changes: string[] = [];
  const cancel = () => {
    sent += 1;
    return respond();
  };
  const gateway = withCircuitBreaker({ name: 'simulated', cancel } as unknown as Gateway, (calls) => void changes.push(calls));
  return { cancel: () => gateway.cancel('key', 'pi_1', noon), sent: () => sent, changes };
}

const times = async (count: number, act: () => Promise<unknown>): Promise<void> => {
  for (let done = 0; done < count; done += 1) await act();
};

test('given a gateway that has not responded 20 times in a row, when many call it, then one at a time reaches it', async (t) => {
  const { promise: late, resolve } = Promise.withResolvers<GatewayOutcome>();
  let isSlow = false;
  const { cancel, sent, changes } = gatewayThat(async () => (isSlow ? late : { kind: 'unknown' }));
  await times(20, cancel);
  isSlow = true;

  const probe = cancel();
  t.deepEqual(await Promise.all([cancel(), cancel()]), [{ kind: 'unknown' }, { kind: 'unknown' }]);
  t.is(sent(), 21);

  resolve({ kind: 'cancelled', intentId: 'pi_1' });
  t.like(await probe, { kind: 'cancelled' });
  t.like(await cancel(), { kind: 'cancelled' });
  t.deepEqual(changes, ['suspended', 'resumed']);
});

test('given a gateway that responds now and then, when it is called, then every call reaches it', async (t) => {
  let calls = 0;
  const { cancel, sent } = gatewayThat(async () => {
    calls += 1;
    return calls % 20 === 0 ? { kind: 'in-progress' } : { kind: 'unknown' };
  });

  await times(60, cancel);

  t.is(sent(), 60);
});

test('a probe that fails with an error makes room for the next', async (t) => {
  let isBroken = false;
  const { cancel, sent } = gatewayThat(async () => {
    if (isBroken) throw new Error('a key with other parameters');
    return { kind: 'unknown' };
  });
  await times(20, cancel);
  isBroken = true;

  await t.throwsAsync(cancel());
  await t.throwsAsync(cancel());

  t.is(sent(), 22);
});
