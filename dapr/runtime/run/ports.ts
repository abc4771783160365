import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from '../process-lock.ts';

/** Below the range from which systems number outgoing connections, so that a port is not taken between choosing and listening. */
const lowest = 10_000;
const count = 22_000;
const given = new Set<number>();
/**
 * Ports that processes of this user have chosen and perhaps not opened yet, or will open again after a crash: a lock each, held until the
 * process ends. What a killed one leaves is nobody's.
 */
const reservations = join(tmpdir(), `marquee-ports-${process.getuid?.() ?? 'user'}`);
const reserved: { readonly release: () => void }[] = [];

function reserve(port: number): boolean {
  const lock = tryLock(join(reservations, String(port)));
  if (!('release' in lock)) return false;
  reserved.push(lock);
  return true;
}

process.once('exit', () => {
  for (const lock of reserved) lock.release();
});

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether nobody listens on the port, neither on loopback nor on every address. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) if (!(await canListen(port, host))) return false;
  return true;
}

async function claim(port: number): Promise<boolean> {
  if (given.has(port)) return false;
  given.add(port);
  return isFree(port);
}

/** The preferred port when nobody has it, else any free one. Never the same port twice in one process, nor in two at a time. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await claim(preferred))) return preferred;
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    if (reserve(port) && (await claim(port))) return port;
  }
}

/** Exactly this port, for whoever was promised it. Throws when it is none, or when somebody else has it. */
export async function exactPort(port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('MARQUEE_PORT must be a number from 1 to 65535.');
  if (await claim(port)) return port;
  throw new Error(`Port ${port} is asked for (MARQUEE_PORT) but another process listens on it.`);
}
