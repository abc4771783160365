// A tiny application in the place of services/main.ts: it stores the deliveries of its sidecar, and
// returns them at /seen.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const { MARQUEE_PORT, MARQUEE_SIDECAR_PORT, MARQUEE_APP_ID, DAPR_HTTP_PORT, APP_API_TOKEN } = process.env;
const hostsActors = MARQUEE_APP_ID === 'marquee';
const seen: { events: unknown[]; reminders: string[]; calls: string[] } = { events: [], reminders: [], calls: [] };

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function respond(response: ServerResponse, status: number, value: unknown = {}): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bySidecar(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['dapr-api-token'] !== APP_API_TOKEN) return respond(response, 403);
  const path = request.url ?? '';
  const text = await body(request);
  if (path === '/dapr/config') return respond(response, 200, { entities: hostsActors ? ['StandIn'] : [] });
  if (path === '/dapr/subscribe') return respond(response, 200, [{ pubsubname: 'pubsub', topic: 'events', route: '/events' }]);
  if (path === '/events') seen.events.push(JSON.parse(text).data);
  else if (path.includes('/method/remind/')) seen.reminders.push(path);
  else seen.calls.push(path);
  return respond(response, 200, { by: MARQUEE_APP_ID });
}

async function byAnyone(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== '/readyz') return respond(response, 200, seen);
  const sidecar = await fetch(`http://127.0.0.1:${DAPR_HTTP_PORT}/v1.0/healthz`).catch(() => undefined);
  return respond(response, sidecar?.ok ? 200 : 503);
}

const doors = [
  createServer(bySidecar).listen(Number(MARQUEE_SIDECAR_PORT), '127.0.0.1'),
  createServer(byAnyone).listen(Number(MARQUEE_PORT)),
];

process.once('SIGTERM', () => {
  for (const door of doors) door.close().closeAllConnections();
});
