import { pino } from 'pino';
import { startService } from './service.ts';
import { readSettings } from './settings.ts';

try {
  const settings = readSettings(process.env);
  const server = await startService(settings, pino({ level: settings.logLevel }));
  console.log(`Drop a CSV file on ${server.url}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
