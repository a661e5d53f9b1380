// What a function can do to its host, one export each.
export const echo = async (event) => event;

export const nothing = async () => {};

export const plain = () => 'plain result';

export const throws = async () => {
  throw new TypeError('cannot do this');
};

export const throwsText = async () => {
  throw 'only a text';
};

// Never answers; prints first, so that the log of a killed call can be looked at.
export const hangs = async () => {
  console.log('about to hang');
  await new Promise(() => setInterval(() => {}, 1000));
};

export const exits = async () => {
  console.log('about to exit');
  process.exit(3);
};

export const killsItself = async () => process.kill(process.pid, 'SIGKILL');

export const rejectsLater = async () => {
  Promise.reject(new Error('nobody waits for this'));
  await new Promise(() => setInterval(() => {}, 1000));
};

export const large = async (event) => 'x'.repeat(event.bytes);

export const logs = async (event) => {
  console.log(`out ${event.text}`);
  console.error(`err ${event.text}`);
  return event.text;
};

export const prints = async (event) => {
  process.stdout.write('y'.repeat(event.bytes) + 'end');
};

export const describe = async (event, context) => ({
  pid: process.pid,
  requestId: context.awsRequestId,
  name: context.functionName,
  memory: context.memoryLimitInMB,
  arn: context.invokedFunctionArn,
  client: context.clientContext,
  left: context.getRemainingTimeInMillis() > 0,
  trace: process.env._X_AMZN_TRACE_ID,
  traceparent: process.env.TRACEPARENT,
});

export const environment = async () => process.env;
