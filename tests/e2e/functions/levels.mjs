// Logs at the levels of the console.
export async function handler() {
  console.debug('a detail');
  console.info({ order: 7 }, "\nand 'more'");
  console.warn('slow');
  console.error('failed');
}
