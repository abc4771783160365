import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Everything this process counts, for `GET /metrics`. Labels are routes, types and services, never
 * ids.
 */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'marquee_' });
  const registers = [registry];
  const requests = new Histogram({
    name: 'marquee_http_request_seconds',
    help: 'Requests at the public door',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers,
  });
  const turns = new Histogram({
    name: 'marquee_actor_turn_seconds',
    help: 'Turns of actors',
    labelNames: ['type', 'method', 'done'],
    buckets: seconds,
    registers,
  });
  const reactions = new Counter({
    name: 'marquee_reactions_total',
    help: 'Events handled, by service and type',
    labelNames: ['service', 'type', 'done'],
    registers,
  });
  const lag = new Gauge({ name: 'marquee_event_lag_seconds', help: 'Age of the last delivered event when it was handled', registers });
  const dead = new Counter({ name: 'marquee_dead_letters_total', help: 'Events given up after all retries', registers });
  const quarantined = new Counter({ name: 'marquee_quarantined_total', help: 'Subscriptions stopped by a broken invariant', registers });
  const gateways = new Counter({
    name: 'marquee_gateway_answers_total',
    help: 'Answers of payment gateways, by outcome or by the code of what stands in the way',
    labelNames: ['gateway', 'outcome'],
    registers,
  });
  const risk = new Counter({
    name: 'marquee_risk_answers_total',
    help: 'Answers of the risk check, by kind of question; unavailable ones were allowed',
    labelNames: ['kind', 'verdict'],
    registers,
  });
  return {
    text: () => registry.metrics(),
    request: (method: string, route: string, status: number, millis: number) =>
      requests.observe({ method, route, status: String(status) }, millis / 1000),
    turn: (type: string, method: string, done: boolean, millis: number) =>
      turns.observe({ type, method, done: String(done) }, millis / 1000),
    reaction: (service: string, type: string, done: boolean) => reactions.inc({ service, type, done: String(done) }),
    lag: (millis: number) => lag.set(millis / 1000),
    deadLetter: () => dead.inc(),
    gateway: (gateway: string, outcome: string) => gateways.inc({ gateway, outcome }),
    risk: (kind: string, verdict: string) => risk.inc({ kind, verdict }),
    quarantine: () => quarantined.inc(),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
