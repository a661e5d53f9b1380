// One machine a query language that has every field of every type of state, written as nobody's printer would.
const reader = (args, config) => ({ Resource: `arn:aws:states:::s3:${config?.Transformation || !config ? 'listObjectsV2' : 'getObject'}`, ...args, ...(config ? { ReaderConfig: config } : {}) });
const body = (name, config) => ({ ...(config ? { ProcessorConfig: config } : {}), StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const DISTRIBUTED = { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' };
const retry = [{ ErrorEquals: ['A', 'States.Timeout'], IntervalSeconds: 2, MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 60, JitterStrategy: 'FULL', Comment: 'c' }, { ErrorEquals: ['States.ALL'] }];

const jsonata = {
  Comment: 'all', QueryLanguage: 'JSONata', StartAt: 'Task', Version: '1.0', TimeoutSeconds: 600,
  States: {
    Task: {
      Type: 'Task', Comment: 'c', QueryLanguage: 'JSONata', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f', Payload: { a: 1.0, b: '{% $states.input %}' } }, TimeoutSeconds: '{% 5 %}', HeartbeatSeconds: 3,
      Credentials: { RoleArn: 'arn:aws:iam::000000000000:role/x' }, Assign: { x: '{% $states.result %}' }, Output: { a: [1, '{% 2 %}'] }, Retry: retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fail', Output: '{% $states.errorOutput %}', Assign: { e: 1 }, Comment: 'c' }], Next: 'Choice',
    },
    Choice: { Type: 'Choice', Choices: [{ Condition: '{% $x = 1 %}', Next: 'Wait', Assign: { y: 2 }, Output: '{% 1 %}', Comment: 'c' }, { Condition: true, Next: 'Until' }], Default: 'Map', Assign: { z: 3 }, Output: 'o' },
    Wait: { Type: 'Wait', Seconds: '{% 1 %}', Output: '{% 1 %}', Assign: { w: 1 }, Next: 'Map' },
    Until: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Map' },
    Map: {
      Type: 'Map', Label: 'L', Items: [1, '{% 2 %}'], ItemSelector: { k: '{% $states.context.Map.Item.Value %}' }, MaxConcurrency: '{% 3 %}', ToleratedFailurePercentage: 1.5, ToleratedFailureCount: 4, ItemBatcher: { MaxItemsPerBatch: 2, MaxInputBytesPerBatch: '{% 1000 %}', BatchInput: { b: 1 } },
      ItemProcessor: body('In map', DISTRIBUTED), ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b', Prefix: 'p' }, WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } }, Retry: [], Next: 'Csv',
    },
    Csv: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'k.csv' } }, { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'], CSVDelimiter: 'TAB', MaxItems: 5 }), ItemProcessor: body('In csv', DISTRIBUTED), Next: 'Json' },
    Json: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'k.json' } }, { InputType: 'JSON', ItemsPointer: '/a/b' }), ItemProcessor: body('In json', DISTRIBUTED), Next: 'Inventory' },
    Inventory: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'manifest.json' } }, { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' }), ItemProcessor: body('In inventory', DISTRIBUTED), Next: 'Athena' },
    Athena: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'm' } }, { InputType: 'PARQUET', ManifestType: 'ATHENA_DATA' }), ItemProcessor: body('In athena', DISTRIBUTED), Next: 'Contents' },
    Contents: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Prefix: 'p/' } }, { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' }), ItemProcessor: body('In contents', DISTRIBUTED), Next: 'Parallel' },
    Parallel: { Type: 'Parallel', Branches: [{ Comment: 'b', ...body('In one') }, body('In two')], Arguments: { a: 1 }, Output: 1, Assign: { p: 1 }, Retry: retry, Catch: [{ ErrorEquals: ['X'], Next: 'Fail' }], Next: 'Pass' },
    Pass: { Type: 'Pass', Output: null, Assign: { q: null }, Next: 'Done' },
    Done: { Type: 'Succeed', Output: { d: 1 }, Comment: 'c' },
    Fail: { Type: 'Fail', Error: '{% "E" %}', Cause: 'C' },
  },
};

const comparisons = [{ Variable: '$.a', StringEqualsPath: '$.b' }, { Variable: '$.a', NumericGreaterThan: 1.25 }, { Variable: '$.a', IsPresent: false }, { Variable: '$.a', TimestampLessThan: '2026-01-01T00:00:00Z' }, { Variable: '$.a', StringMatches: 'a*' }, { Variable: '$.a', BooleanEqualsPath: '$.c' },
  { And: [{ Variable: '$.a', IsNull: true }, { Not: { Variable: '$.b', IsString: true } }] }, { Or: [{ Variable: '$.a', IsNumeric: true }] }, { Not: { Variable: '$.a', IsBoolean: true } }];
const jsonpath = {
  StartAt: 'Task',
  States: {
    Task: {
      Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', InputPath: '$.a', Parameters: { 'FunctionName.$': '$.f', Payload: { 't.$': '$$.Task.Token' } }, ResultSelector: { 'x.$': '$.y' }, ResultPath: null, OutputPath: '$.o', TimeoutSecondsPath: '$.t', HeartbeatSecondsPath: '$.h',
      Credentials: { 'RoleArn.$': '$.r' }, Assign: { 'v.$': '$.w' }, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Fail', Assign: { 'e.$': '$.Cause' } }], Next: 'Choice',
    },
    Choice: { Type: 'Choice', InputPath: '$', OutputPath: '$.x', Choices: comparisons.map(one => ({ ...one, Next: 'Wait', Assign: { 'a.$': '$' } })), Default: 'Until' },
    Wait: { Type: 'Wait', SecondsPath: '$.s', InputPath: null, Next: 'Map' },
    Until: { Type: 'Wait', TimestampPath: '$.t', OutputPath: null, Next: 'Map' },
    Map: {
      Type: 'Map', ItemsPath: '$.items', ItemSelector: { 'k.$': '$$.Map.Item.Value' }, MaxConcurrencyPath: '$.m', ToleratedFailurePercentagePath: '$.p', ToleratedFailureCountPath: '$.c', ItemBatcher: { MaxItemsPerBatchPath: '$.n', MaxInputBytesPerBatchPath: '$.b', BatchInput: { 'x.$': '$' } },
      ItemProcessor: body('In map', DISTRIBUTED), ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$.b', Prefix: 'p' } }, ResultSelector: { 'r.$': '$' }, ResultPath: '$.r', Next: 'Reader',
    },
    Reader: { Type: 'Map', ItemReader: reader({ Parameters: { 'Bucket.$': '$.b', 'Prefix.$': '$.p' } }), ItemProcessor: body('In reader', DISTRIBUTED), Next: 'File' },
    File: { Type: 'Map', ItemReader: reader({ Parameters: { Bucket: 'b', 'Key.$': '$.k' } }, { InputType: 'JSONL', MaxItemsPath: '$.most' }), ItemProcessor: body('In file', DISTRIBUTED), Next: 'Old' },
    Old: { Type: 'Map', Parameters: { 'x.$': '$$.Map.Item.Index' }, MaxConcurrency: 0, Iterator: body('In old'), Next: 'Parallel' },
    Parallel: { Type: 'Parallel', Parameters: { 'a.$': '$' }, Branches: [body('In one')], Next: 'Pass' },
    Pass: { Type: 'Pass', Result: { a: 1.0 }, ResultPath: '$.x', Next: 'Ata' },
    Ata: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 %}', Next: 'Done' },
    Done: { Type: 'Succeed', InputPath: '$', OutputPath: '$' },
    Fail: { Type: 'Fail', ErrorPath: '$.Error', CausePath: "States.Format('{}', $.c)" },
  },
};

/** Indented by three, numbers with their noughts, names with blanks before the colon. */
const odd = value => `${JSON.stringify(value, null, 3).replaceAll('": ', '" : ').replaceAll(': 1.5,', ': 1.50,')}\n\n`;
export const everyField = { JSONata: odd(jsonata), JSONPath: odd(jsonpath) };
