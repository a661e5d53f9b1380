// What the types of states and the members of a definition are for, in a sentence or two each.

/** Of a type of state; '' is the machine. */
const TYPES: Record<string, string> = {
  '': 'A state machine: states by their names, one of which it starts at. Each says where it goes on, until one ends it.',
  Task: 'Has work done elsewhere: calls a function, an HTTP endpoint, another state machine or an activity, and goes on with the answer.',
  Map: 'Runs its body once for each item, several at a time. Inline the items come from the input and the steps are part of this execution; distributed each item or batch is a child execution of its own, and the items can lie in a bucket.',
  Parallel: 'Runs all its branches at the same time, each with the same input. Its result is the list of theirs; one that fails stops the others.',
  Choice: 'Goes on with the first rule that holds, else with Default. Without a Default an input for which no rule holds fails.',
  Wait: 'Waits for some seconds or until a moment, and then goes on with its input.',
  Pass: 'Does nothing but to shape data: its output, or variables.',
  Succeed: 'Ends the execution, or the branch or item that it is in, as a success.',
  Fail: 'Ends it as a failure, with an error by name and a cause in words. A Retry or Catch around it sees the name.',
};

const path = (what: string): string => `${what} is taken from the input by this path.`;

const MEMBERS: Record<string, string> = {
  Comment: 'For who reads it. It changes nothing.',
  QueryLanguage: 'In which language values are computed: JSONata in {% %}, or JSONPath. A state of a JSONPath machine can be in JSONata, not the other way.',
  StartAt: 'The state that is entered first.',
  States: 'The states by their names. A name is there once in the whole definition.',
  Version: 'Of the Amazon States Language: 1.0.',
  Type: 'What kind of state it is.',
  Next: 'The state that it goes on with.',
  End: 'It is the last one: the execution, branch or item ends with it.',
  Resource: 'What is called: a service integration, a function or an activity by its ARN. With .sync it waits for the end, with .waitForTaskToken for an answer that carries the token.',
  Arguments: 'What the call gets, as JSON. A string in {% %} is an expression, in which $states.input is the input.',
  Parameters: 'What the call, the body or the output is given. A member whose name ends in .$ takes a path or an intrinsic function.',
  Output: 'What goes on to the next state. In it $states.result is the result, $states.input the input, $states.errorOutput a caught error.',
  Assign: 'Sets variables, which states further on read as $name. All values are computed before any is set.',
  Credentials: 'The role that the task takes on.',
  RoleArn: 'ARN of the role.',
  InputPath: 'The part of the input that the state works on; null gives it {}.',
  ResultSelector: 'Shapes the result before ResultPath puts it anywhere.',
  ResultPath: 'Where in the input the result is put; $ puts it in place of the input, null leaves it out.',
  OutputPath: 'The part that goes on to the next state; null gives {}.',
  Result: 'JSON that is the result, as it stands.',
  Retry: 'What is tried again after a failure: the first retrier that names the error counts, with waits that grow.',
  Catch: 'Where a failure goes on that is not tried again: with the first catcher that names the error.',
  ErrorEquals: 'Names of errors. States.ALL stands for all of them and stands alone, in the last place; States.TaskFailed for every failure of a task but a time-out.',
  IntervalSeconds: 'Seconds before the first retry. 1 without it.',
  MaxAttempts: 'How often it is tried again; 0 for never. 3 without it.',
  BackoffRate: 'By how much each wait is longer than the last. 2 without it.',
  MaxDelaySeconds: 'No wait is longer.',
  JitterStrategy: 'FULL waits anywhere between nothing and the whole wait, so that many do not come back at once.',
  TimeoutSeconds: 'After so many seconds it fails with States.Timeout.',
  TimeoutSecondsPath: path('TimeoutSeconds'),
  HeartbeatSeconds: 'It fails with States.HeartbeatTimeout when the worker is silent for longer. Less than TimeoutSeconds.',
  HeartbeatSecondsPath: path('HeartbeatSeconds'),
  Branches: 'The machines that run at the same time, each with its own StartAt and States.',
  Choices: 'The rules, from the first to the last.',
  Default: 'Where it goes on when no rule holds.',
  Condition: 'The rule holds when this gives true.',
  Variable: 'What is tested, by its path.',
  And: 'Holds when all of these tests hold.', Or: 'Holds when one of these tests holds.', Not: 'Holds when this test does not.',
  IsPresent: 'Whether there is something at the path.',
  StringMatches: 'Like the text, in which * stands for any letters.',
  Seconds: 'How long it waits.', SecondsPath: path('Seconds'),
  Timestamp: 'Until when it waits, as 2026-12-31T23:59:59Z.', TimestampPath: path('Timestamp'),
  Error: 'Name of the error, which Retry and Catch look for.', ErrorPath: path('Error'),
  Cause: 'What happened, for people.', CausePath: path('Cause'),
  Items: 'The items: a list, or an object, of which each member is one.',
  ItemsPath: 'Where in the input the list of items is.',
  ItemReader: 'Reads the items of a Distributed Map from a bucket: its objects, or what is in a file.',
  ItemSelector: 'What each item becomes before the body gets it. $states.context.Map.Item has Value and Index.',
  ItemBatcher: 'Gives a child several items at once, as Items.',
  ItemProcessor: 'The body, which runs for each item.',
  Iterator: 'The older name of ItemProcessor.',
  ProcessorConfig: 'How the body runs.',
  Mode: 'INLINE: steps of this execution. DISTRIBUTED: child executions of their own.',
  ExecutionType: 'What the children are: STANDARD, with a history each, or EXPRESS, up to five minutes.',
  Label: 'Stands in the names of the children.',
  MaxConcurrency: 'How many items are worked on at once. Without it, or with 0, as many as there is room for.', MaxConcurrencyPath: path('MaxConcurrency'),
  ToleratedFailureCount: 'So many items may fail before the whole fails.', ToleratedFailureCountPath: path('ToleratedFailureCount'),
  ToleratedFailurePercentage: 'This share of all items may fail before the whole fails.', ToleratedFailurePercentagePath: path('ToleratedFailurePercentage'),
  ResultWriter: 'Writes the results of the children to a bucket; the state then answers with where they are.',
  ReaderConfig: 'How what is read is taken apart.',
  InputType: 'What the file is.',
  CSVHeaderLocation: 'Where the names of the columns are: in the first row, or given here.', CSVHeaders: 'Names of the columns.', CSVDelimiter: 'What parts the columns. COMMA without it.',
  ItemsPointer: 'Where in the JSON the list is, as a JSON pointer.',
  MaxItems: 'No more are read.', MaxItemsPath: path('MaxItems'),
  ManifestType: 'Of which service the manifest is.',
  Transformation: 'Reading: LOAD_AND_FLATTEN takes what is in the objects instead of their names. Writing: how results are put together.',
  MaxItemsPerBatch: 'A batch has so many items at most.', MaxItemsPerBatchPath: path('MaxItemsPerBatch'),
  MaxInputBytesPerBatch: 'A batch has so many bytes at most, up to 262,144.', MaxInputBytesPerBatchPath: path('MaxInputBytesPerBatch'),
  BatchInput: 'JSON that each batch has beside its items.',
  WriterConfig: 'How results are written.',
  OutputType: 'The format of the files: JSON, a list, or JSONL, one result a line.',
};

export const aboutType = (type: string): string | undefined => (Object.hasOwn(TYPES, type) ? TYPES[type] : undefined);

/** Tests of a JSONPath rule are told by the parts of their names. */
function aboutTest(name: string): string | undefined {
  const [, kind, how, from] = /^(String|Numeric|Timestamp|Boolean)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(Path)?$/.exec(name) ?? [];
  const is = /^Is(Null|String|Numeric|Boolean|Timestamp)$/.exec(name)?.[1];
  if (is) return `Whether it is ${is === 'Null' ? 'null' : `a ${is === 'Numeric' ? 'number' : is.toLowerCase()}`}.`;
  if (!kind || !how) return undefined;
  const words = { Equals: 'is equal to', LessThan: 'is less than', GreaterThan: 'is greater than', LessThanEquals: 'is at most', GreaterThanEquals: 'is at least' }[how] ?? '';
  return `Holds when it is a ${kind === 'Numeric' ? 'number' : kind.toLowerCase()} that ${words} this one${from ? ', which is at the path' : ''}.`;
}
export const aboutMember = (name: string): string | undefined => (Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : aboutTest(name));
