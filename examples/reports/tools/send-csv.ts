import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { generateCsv } from './generate-csv.ts';

/** Uploads a generated file of about `bytes` bytes as it is made; answers the id of its report. */
export async function sendCsv(url: string, bytes: number): Promise<string> {
  const req = request(`${url}/reports`, { method: 'POST', headers: { 'content-type': 'text/csv' } });
  const reply = new Promise<string>((resolve, reject) => req.on('error', reject).on('response', (res) => void text(res).then(resolve, reject)));
  await pipeline(Readable.from(generateCsv(bytes)), req);
  return (JSON.parse(await reply) as { id: string }).id;
}
