// Answers when the file GATE exists, for as long as a test needs its execution to run.
import fs from 'node:fs';

export const opened = async () => {
  while (!fs.existsSync(process.env.GATE)) await new Promise(resolve => setTimeout(resolve, 20));
};

export async function handler(event) {
  await opened();
  return event;
}
