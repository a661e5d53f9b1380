// The console of Lambda's Node.js runtime: every line has its time, the request id of the call and
// its level, as text or as JSON (AWS_LAMBDA_LOG_FORMAT), from AWS_LAMBDA_LOG_LEVEL on. AWS: "Log and
// monitor Node.js Lambda functions".
import { format } from 'node:util';

// In the order of their weight, with the stream each goes to: as in Node itself, which keeps apart
// what is read by people who look for trouble.
const levels = [
  ['trace', process.stderr], ['debug', process.stdout], ['info', process.stdout],
  ['warn', process.stderr], ['error', process.stderr], ['fatal', process.stderr],
];

// Where AWS's runtime keeps it, for libraries that look there.
const requestId = Symbol.for('aws.lambda.runtime.requestId');

export function setRequestId(id) {
  globalThis[requestId] = id;
}

const asJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';

function stackOf(error) {
  return typeof error.stack === 'string' ? error.stack.split('\n') : [];
}

function membersOf(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: stackOf(error),
  };
}

function jsonLine(level, values) {
  const line = { timestamp: new Date().toISOString(), level, requestId: globalThis[requestId] };
  if (values.length === 1) {
    const withErrors = (_, value) => value instanceof Error ? { ...membersOf(value), ...value } : value;
    try {
      return JSON.stringify({ ...line, message: values[0] }, withErrors);
    } catch {
      // Circles and big integers have no JSON; as text they do.
    }
  }
  const error = values.length > 1 ? values.find((value) => value instanceof Error) : undefined;
  return JSON.stringify({ ...line, message: format(...values), ...(error && membersOf(error)) });
}

function textLine(level, values) {
  return `${new Date().toISOString()}\t${globalThis[requestId]}\t${level}\t${format(...values)}`;
}

// Puts the levels into the console. What is said at once stays one line: inner ends of lines become
// carriage returns, which Weft turns back.
export function installConsole() {
  const least = levels.findIndex(([name]) => name === process.env.AWS_LAMBDA_LOG_LEVEL?.toLowerCase());
  const lineOf = asJson ? jsonLine : textLine;
  levels.forEach(([name, stream], rank) => {
    const level = name.toUpperCase();
    const write = (...values) => {
      stream.write(`${lineOf(level, values).replaceAll('\n', '\r')}\n`);
    };
    console[name] = rank >= least ? write : () => {};
  });
  console.log = console.info;
}

// A thrown value that ended a call or the process, as AWS's runtime prints it.
export function logError(what, thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (asJson) return console.error(error);
  const printed = { errorType: error.name, errorMessage: error.message, code: error.code, stack: stackOf(error) };
  let text;
  try {
    text = JSON.stringify({ ...printed, ...error });
  } catch {
    text = JSON.stringify(printed);
  }
  console.error(what, `\t${text}`);
}
