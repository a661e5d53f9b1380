// One machine a query language that has every field of every type of state, written as nobody's printer would.
const reader = (args, config) => ({ Resource: `arn:aws:states:::s3:${config?.Transformation || !config ? 'listObjectsV2' : 'getObject'}`, ...args, ...(config ? { ReaderConfig: config } : {}) });
const body = (name, config) => ({ Comment: `within ${name}`, ...(config ? { ProcessorConfig: config } : {}), StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const DISTRIBUTED = { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' };
const retry = [{ ErrorEquals: ['A', 'States.Timeout'], IntervalSeconds: 2, MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 60, JitterStrategy: 'FULL', Comment: 'c' }, { ErrorEquals: ['States.ALL'] }];

const jsonata = {
  Comment: 'all', QueryLanguage: 'JSONata', StartAt: 'Task', Version: '1.0', TimeoutSeconds: 600,
  States: {
    Task: {
      Type: 'Task', Comment: 'c', QueryLanguage: 'JSONata', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f', Payload: { a: 1.0, b: '{% $states.input %}' } }, TimeoutSeconds: '{% 5 %}', HeartbeatSeconds: 3,
      Credentials: { RoleArn: 'arn:aws:iam::000000000000:role/x' }, Assign: { x: '{% $states.result %}' }, Output: { a: [1, '{% 2 %}'] }, Retry: retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fail', Output: '{% $states.errorOutput %}', Assign: { e: 1 }, Comment: 'c' }], Next: 'Choice',
    },
    Choice: { Type: 'Choice', Comment: 'of the choice', Choices: [{ Condition: '{% $x = 1 %}', Next: 'Wait', Assign: { y: 2 }, Output: '{% 1 %}', Comment: 'c' }, { Condition: true, Next: 'Until' }], Default: 'Map', Assign: { z: 3 }, Output: 'o' },
    Wait: { Type: 'Wait', Comment: 'of the wait', Seconds: '{% 1 %}', Output: '{% 1 %}', Assign: { w: 1 }, Next: 'Map' },
    Until: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Map' },
    Map: {
      Type: 'Map', Comment: 'of the map', Label: 'L', Items: [1, '{% 2 %}'], ItemSelector: { k: '{% $states.context.Map.Item.Value %}' }, MaxConcurrency: '{% 3 %}', ToleratedFailurePercentage: 1.5, ToleratedFailureCount: 4, ItemBatcher: { MaxItemsPerBatch: 2, MaxInputBytesPerBatch: '{% 1000 %}', BatchInput: { b: 1 } },
      ItemProcessor: body('In map', DISTRIBUTED), ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b', Prefix: 'p' }, WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } }, Output: '{% $states.result %}', Assign: { n: '{% 1 %}' }, Retry: [], Catch: [{ ErrorEquals: ['States.ItemReaderFailed'], Next: 'Fail' }], Next: 'Csv',
    },
    Csv: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'k.csv' } }, { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'], CSVDelimiter: 'TAB', MaxItems: 5 }), ItemProcessor: body('In csv', DISTRIBUTED), Next: 'Json' },
    Json: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'k.json' } }, { InputType: 'JSON', ItemsPointer: '/a/b' }), ItemProcessor: body('In json', DISTRIBUTED), Next: 'Inventory' },
    Inventory: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'manifest.json' } }, { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' }), ItemProcessor: body('In inventory', DISTRIBUTED), Next: 'Athena' },
    Athena: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Key: 'm' } }, { InputType: 'PARQUET', ManifestType: 'ATHENA_DATA' }), ItemProcessor: body('In athena', DISTRIBUTED), Next: 'Contents' },
    Contents: { Type: 'Map', ItemReader: reader({ Arguments: { Bucket: 'b', Prefix: 'p/' } }, { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' }), ItemProcessor: body('In contents', DISTRIBUTED), Next: 'Parallel' },
    Parallel: { Type: 'Parallel', Comment: 'of the branches', Branches: [body('In one'), body('In two')], Arguments: { a: 1 }, Output: 1, Assign: { p: 1 }, Retry: retry, Catch: [{ ErrorEquals: ['X'], Next: 'Fail' }], Next: 'Pass' },
    Pass: { Type: 'Pass', Comment: 'passed', Output: null, Assign: { q: null }, Next: 'Done' },
    Done: { Type: 'Succeed', Output: { d: 1 }, Comment: 'c' },
    Fail: { Type: 'Fail', Comment: 'the end', Error: '{% "E" %}', Cause: 'C' },
  },
};

/** Each test of the language once, with a value and with a path. */
const compared = { String: 'a', Numeric: 2, Timestamp: '2026-01-01T00:00:00Z' };
const allTests = Object.entries(compared).flatMap(([kind, value]) => ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'].flatMap(how => [{ Variable: '$.a', [`${kind}${how}`]: value }, { Variable: '$.a', [`${kind}${how}Path`]: '$.b' }]));
const comparisons = [{ And: [...allTests, { Variable: '$.a', BooleanEquals: true }, { Variable: '$.a', IsTimestamp: true }] }, { Variable: '$.a', StringEqualsPath: '$.b' }, { Variable: '$.a', NumericGreaterThan: 1.25 }, { Variable: '$.a', IsPresent: false }, { Variable: '$.a', TimestampLessThan: '2026-01-01T00:00:00Z' }, { Variable: '$.a', StringMatches: 'a*' }, { Variable: '$.a', BooleanEqualsPath: '$.c' },
  { And: [{ Variable: '$.a', IsNull: true }, { Not: { Variable: '$.b', IsString: true } }] }, { Or: [{ Variable: '$.a', IsNumeric: true }] }, { Not: { Variable: '$.a', IsBoolean: true } }];
const jsonpath = {
  Comment: 'all with paths', QueryLanguage: 'JSONPath', StartAt: 'Task', Version: '1.0', TimeoutSeconds: 900,
  States: {
    Task: {
      Type: 'Task', Comment: 'of the task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', InputPath: '$.a', Parameters: { 'FunctionName.$': '$.f', Payload: { 't.$': '$$.Task.Token' } }, ResultSelector: { 'x.$': '$.y' }, ResultPath: null, OutputPath: '$.o', TimeoutSecondsPath: '$.t', HeartbeatSecondsPath: '$.h',
      Credentials: { 'RoleArn.$': '$.r' }, Assign: { 'v.$': '$.w' }, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Fail', Assign: { 'e.$': '$.Cause' }, Comment: 'caught' }], Retry: retry, Next: 'Limits',
    },
    Limits: { Type: 'Task', QueryLanguage: 'JSONPath', Resource: 'arn:aws:states:us-east-1:000000000000:activity:a', TimeoutSeconds: 60, HeartbeatSeconds: 7, Credentials: { RoleArn: 'arn:aws:iam::000000000000:role/x' }, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fail plainly' }], Next: 'Choice' },
    Choice: { Type: 'Choice', Comment: 'of the choice', Assign: { 'z.$': '$' }, InputPath: '$', OutputPath: '$.x', Choices: comparisons.map(one => ({ ...one, Next: 'Wait', Assign: { 'a.$': '$' }, Comment: 'of a rule' })), Default: 'Some' },
    Wait: { Type: 'Wait', Comment: 'of the wait', SecondsPath: '$.s', InputPath: null, Assign: { 'w.$': '$.w' }, Next: 'Map' },
    Some: { Type: 'Wait', Seconds: 3, Next: 'Moment' },
    Moment: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Until' },
    Until: { Type: 'Wait', TimestampPath: '$.t', OutputPath: null, Next: 'Map' },
    Map: {
      Type: 'Map', Comment: 'of the map', Label: 'P', InputPath: '$.in', ItemsPath: '$.items', ItemSelector: { 'k.$': '$$.Map.Item.Value' }, MaxConcurrencyPath: '$.m', ToleratedFailurePercentagePath: '$.p', ToleratedFailureCountPath: '$.c', ItemBatcher: { MaxItemsPerBatchPath: '$.n', MaxInputBytesPerBatchPath: '$.b', BatchInput: { 'x.$': '$' } },
      ItemProcessor: body('In map', DISTRIBUTED), ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { 'Bucket.$': '$.b', Prefix: 'p' } }, ResultSelector: { 'r.$': '$' }, ResultPath: '$.r', OutputPath: '$.o', Assign: { 'm.$': '$.m' }, Retry: retry, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'Fail' }], Next: 'Reader',
    },
    Reader: { Type: 'Map', MaxConcurrency: 5, ToleratedFailurePercentage: 2.5, ToleratedFailureCount: 6, ItemReader: reader({ Parameters: { 'Bucket.$': '$.b', 'Prefix.$': '$.p' } }), ItemProcessor: body('In reader', DISTRIBUTED), Next: 'File' },
    File: { Type: 'Map', ItemReader: reader({ Parameters: { Bucket: 'b', 'Key.$': '$.k' } }, { InputType: 'JSONL', MaxItemsPath: '$.most' }), ItemProcessor: body('In file', DISTRIBUTED), Next: 'Csv' },
    Csv: { Type: 'Map', ItemBatcher: { MaxItemsPerBatch: 4, MaxInputBytesPerBatch: 999 }, ItemReader: reader({ Parameters: { Bucket: 'b', Key: 'k.csv' } }, { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'], CSVDelimiter: 'PIPE', MaxItems: 9 }), ItemProcessor: body('In csv', DISTRIBUTED), ResultWriter: { WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' } }, Next: 'Json' },
    Json: { Type: 'Map', ItemReader: reader({ Parameters: { Bucket: 'b', Key: 'k.json' } }, { InputType: 'JSON', ItemsPointer: '/a/b' }), ItemProcessor: body('In json', DISTRIBUTED), Next: 'Inventory' },
    Inventory: { Type: 'Map', ItemReader: reader({ Parameters: { Bucket: 'b', Key: 'manifest.json' } }, { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' }), ItemProcessor: body('In inventory', DISTRIBUTED), Next: 'Contents' },
    Contents: { Type: 'Map', ItemReader: reader({ Parameters: { Bucket: 'b', Prefix: 'p/' } }, { InputType: 'PARQUET', Transformation: 'LOAD_AND_FLATTEN' }), ItemProcessor: body('In contents', DISTRIBUTED), Next: 'Old' },
    Old: { Type: 'Map', Parameters: { 'x.$': '$$.Map.Item.Index' }, MaxConcurrency: 0, Iterator: body('In old'), Next: 'Parallel' },
    Parallel: { Type: 'Parallel', Comment: 'of the branches', InputPath: '$.i', Parameters: { 'a.$': '$' }, Branches: [body('In one')], ResultSelector: { 's.$': '$' }, ResultPath: '$.p', OutputPath: '$.q', Assign: { 'b.$': '$' }, Retry: retry, Catch: [{ ErrorEquals: ['X'], Next: 'Fail' }], Next: 'Pass' },
    Pass: { Type: 'Pass', Comment: 'passed', Result: { a: 1.0 }, ResultPath: '$.x', InputPath: '$.i', OutputPath: '$.o', Assign: { 'c.$': '$' }, Next: 'Template' },
    Template: { Type: 'Pass', Parameters: { 'a.$': '$', b: [1, 2] }, Next: 'Ata' },
    Ata: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 %}', Next: 'Done' },
    Done: { Type: 'Succeed', Comment: 'done', InputPath: '$', OutputPath: '$' },
    'Fail plainly': { Type: 'Fail', Error: 'E', Cause: 'a cause' },
    Fail: { Type: 'Fail', Comment: 'the end', ErrorPath: '$.Error', CausePath: "States.Format('{}', $.c)" },
  },
};

/** Indented by three, numbers with their noughts, names with blanks before the colon. */
const odd = value => `${JSON.stringify(value, null, 3).replaceAll('": ', '" : ').replaceAll(': 1.5,', ': 1.50,')}\n\n`;
export const everyField = { JSONata: odd(jsonata), JSONPath: odd(jsonpath) };
