// Keeps compiled modules between runs of the tests: without it each file strips the types of all
// modules that it imports again.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled'));
