import type { JSX } from 'preact';
import { setMode } from '../../model/editor/operations';
import { isObject, valueAt, type Raw } from '../../model/editor/machine';
import { Group, JsonField, NumberField, SegField, SelectField, TextField, Two, useAbout, useChange } from './fields';
import { argumentsKey } from './forms';
import { FilePreview, ObjectsPreview, usePrefixes } from './bucket';
import { FirstBatch } from './first_batch';
import { argumentOf } from '../../model/editor/describe';

type Source = 'input' | 'objects' | 'json' | 'jsonl' | 'csv' | 'parquet' | 'inventory' | 'athena' | 'contents';
const SOURCES: readonly (readonly [Source, string])[] = [
  ['input', 'A list in the state input'], ['objects', 'S3 objects under a prefix'], ['json', 'JSON file in S3'], ['jsonl', 'JSON Lines file in S3'], ['csv', 'CSV file in S3'],
  ['parquet', 'Parquet file in S3'], ['inventory', 'S3 inventory'], ['athena', 'Athena manifest'], ['contents', 'Contents of S3 objects under a prefix'],
];
const LIST = 'arn:aws:states:::s3:listObjectsV2';
const GET = 'arn:aws:states:::s3:getObject';
const CONFIG: Partial<Record<Source, Raw>> = {
  json: { InputType: 'JSON' }, jsonl: { InputType: 'JSONL' }, csv: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, parquet: { InputType: 'PARQUET' },
  inventory: { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' }, athena: { InputType: 'CSV', ManifestType: 'ATHENA_DATA', CSVHeaderLocation: 'GIVEN', CSVHeaders: [] }, contents: { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' },
};

function sourceOf(state: Raw): Source {
  if (!isObject(state.ItemReader)) return 'input';
  const config = isObject(state.ItemReader.ReaderConfig) ? state.ItemReader.ReaderConfig : {};
  if (String(state.ItemReader.Resource).includes('listObjectsV2')) return config.Transformation === 'LOAD_AND_FLATTEN' ? 'contents' : 'objects';
  if (config.ManifestType === 'ATHENA_DATA') return 'athena';
  if (config.InputType === 'MANIFEST' || config.ManifestType === 'S3_INVENTORY') return 'inventory';
  return ({ CSV: 'csv', JSONL: 'jsonl', PARQUET: 'parquet' } as const)[String(config.InputType) as 'CSV'] ?? 'json';
}

export function MapForm(): JSX.Element {
  const { editor, path, state, language } = useAbout();
  const change = useChange();
  const processor = isObject(state.ItemProcessor) ? state.ItemProcessor : {};
  const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  const distributed = config.Mode === 'DISTRIBUTED';
  return (
    <>
      <Group>
        <SegField label="Processing mode" at={['ItemProcessor', 'ProcessorConfig']} value={distributed ? 'DISTRIBUTED' : 'INLINE'} options={[['INLINE', 'Inline'], ['DISTRIBUTED', 'Distributed']]}
          hint={distributed ? 'Each item or batch runs as its own child execution.' : 'Items run within this execution, at most 40 at once.'} onChange={mode => { if ((mode === 'DISTRIBUTED') !== distributed) editor.edit(text => setMode(text, path, mode)); }} />
      </Group>
      <Items distributed={distributed} />
      {distributed ? <Batches /> : null}
      <Group title="Running">
        <Two>
          <NumberField label="Max concurrency" at={['MaxConcurrency']} unit={distributed ? 'children' : 'items'} placeholder={distributed ? '10,000' : '40'} />
          {distributed ? <NumberField label="Tolerated percentage" at={['ToleratedFailurePercentage']} unit="% of items" placeholder="0" /> : null}
        </Two>
        {distributed ? (
          <>
            <Two>
              <NumberField label="Tolerated count" at={['ToleratedFailureCount']} unit="items" placeholder="0" />
              <TextField label="Label" at={['Label']} placeholder="made up" hint="In the names of the children." />
            </Two>
            <SegField label="Child type" at={['ItemProcessor', 'ProcessorConfig', 'ExecutionType']} value={config.ExecutionType === 'EXPRESS' ? 'EXPRESS' : 'STANDARD'} options={[['STANDARD', 'Standard'], ['EXPRESS', 'Express']]} onChange={value => change([...path, 'ItemProcessor', 'ProcessorConfig', 'ExecutionType'], value, '')} />
          </>
        ) : null}
      </Group>
      {distributed ? <Results /> : null}
      {language === 'JSONPath' && state.Parameters !== undefined ? <Group title="Older names"><JsonField label="Parameters" at={['Parameters']} hint="The older name of the item selector." /></Group> : null}
    </>
  );
}

function Items({ distributed }: { distributed: boolean }): JSX.Element {
  const { editor, path, state, language, buckets } = useAbout();
  const source = sourceOf(state);
  const key = argumentsKey(language);
  const reader = isObject(state.ItemReader) ? state.ItemReader : {};
  const bucket = String(argumentOf(reader, 'Bucket') ?? '');
  const prefix = String(argumentOf(reader, 'Prefix') ?? '');
  const file = String(argumentOf(reader, 'Key') ?? '');
  const listed = source === 'objects' || source === 'contents';
  const found = usePrefixes(source === 'input' ? '' : bucket, listed ? prefix : file, !listed);
  const choose = (next: Source): void => void editor.edit(text => {
    const own = [...path, 'ItemReader'];
    if (next === 'input') return text.remove(own);
    const [given, list] = [{ Bucket: bucket || (buckets.length === 1 ? String(buckets[0]) : '') }, next === 'objects' || next === 'contents'];
    const made = { Resource: list ? LIST : GET, [key]: { ...given, ...(list ? (prefix ? { Prefix: prefix } : {}) : { Key: file }) }, ...(CONFIG[next] ? { ReaderConfig: CONFIG[next] } : {}) };
    for (const one of ['Items', 'ItemsPath']) text.remove([...path, one]);
    text.set(own, made, ['Type', 'Comment', 'QueryLanguage', 'Label', 'InputPath']);
  });
  const type = String(valueAt(reader, ['ReaderConfig', 'InputType']) ?? '');
  const change = useChange();
  const at = (name: string): (string | number)[] => ['ItemReader', 'ReaderConfig', name];
  return (
    <Group title="Items">
      {distributed ? <SelectField label="Source" at={['ItemReader', 'Resource']} value={source} options={SOURCES} onChange={value => choose(value as Source)} /> : null}
      {source === 'input' ? (language === 'JSONata' ? <JsonField live label="Items" at={['Items']} rows={2} placeholder="{% $states.input %}" hint="A list, or an expression that gives one. Without it: the state's input." /> : <TextField label="Items path" at={['ItemsPath']} placeholder="$" mono />) : (
        <>
          <Two>
            <TextField label="Bucket" at={['ItemReader', key, 'Bucket']} suffix=".$" options={buckets} placeholder="name" />
            {listed ? <TextField label="Prefix" at={['ItemReader', key, 'Prefix']} suffix=".$" options={found} placeholder="all" /> : <TextField label={source === 'inventory' || source === 'athena' ? 'Manifest' : 'File'} at={['ItemReader', key, 'Key']} suffix=".$" options={found} placeholder="key" />}
          </Two>
          {source === 'objects' ? <ObjectsPreview bucket={bucket} prefix={prefix} folders={found} onPrefix={one => change([...path, 'ItemReader', key, 'Prefix'], one, '')} /> : listed ? null : <FilePreview bucket={bucket} file={file} type={source} />}
          {source === 'contents' || source === 'athena' ? <SelectField label="Input type" at={at('InputType')} value={type} options={[['CSV', 'CSV'], ...(source === 'contents' ? [['JSON', 'JSON'] as const] : []), ['JSONL', 'JSON Lines'], ['PARQUET', 'Parquet']]} onChange={value => change([...path, ...at('InputType')], value, '')} /> : null}
          {source === 'json' ? <TextField label="Items pointer" at={at('ItemsPointer')} placeholder="/ of the file" mono hint="A JSON pointer, as /orders/items." /> : null}
          {type === 'CSV' ? (
            <>
              <Two>
                <SelectField label="CSV header" at={at('CSVHeaderLocation')} value={String(valueAt(reader, ['ReaderConfig', 'CSVHeaderLocation']) ?? '')} options={[['FIRST_ROW', 'in the first row'], ['GIVEN', 'given here']]} onChange={value => change([...path, ...at('CSVHeaderLocation')], value, '')} />
                <SelectField label="CSV delimiter" at={at('CSVDelimiter')} value={String(valueAt(reader, ['ReaderConfig', 'CSVDelimiter']) ?? 'COMMA')} options={[['COMMA', 'comma'], ['PIPE', 'pipe'], ['SEMICOLON', 'semicolon'], ['SPACE', 'space'], ['TAB', 'tab']]} onChange={value => change([...path, ...at('CSVDelimiter')], value === 'COMMA' ? undefined : value, '')} />
              </Two>
              {valueAt(reader, ['ReaderConfig', 'CSVHeaderLocation']) === 'GIVEN' ? <JsonField label="CSV headers" at={at('CSVHeaders')} rows={2} only="array" placeholder={'["id", "name"]'} /> : null}
            </>
          ) : null}
          <NumberField label="Max items" at={at('MaxItems')} unit="items" placeholder="all" />
        </>
      )}
      <JsonField label="Input of each item" at={['ItemSelector']} rows={2} placeholder={language === 'JSONata' ? '{ "key": "{% $states.context.Map.Item.Value.Key %}" }' : '{ "key.$": "$$.Map.Item.Value.Key" }'} hint="Without it: the item as it is." />
    </Group>
  );
}

function Batches(): JSX.Element {
  const { state, language } = useAbout();
  const batcher = isObject(state.ItemBatcher) ? state.ItemBatcher : undefined;
  const n = typeof batcher?.MaxItemsPerBatch === 'number' ? batcher.MaxItemsPerBatch : undefined;
  const shape = batcher ? `{ ${batcher.BatchInput === undefined ? '' : '"BatchInput": …, '}"Items": [${n === 1 ? 'item' : n === 2 ? 'item, item' : n === undefined ? 'item, …' : `item, … ${n} in all`}] }` : 'the item';
  return (
    <Group title="Batches">
      <Two>
        <NumberField label="Items per batch" at={['ItemBatcher', 'MaxItemsPerBatch']} placeholder="1" />
        <NumberField label="Input per batch" at={['ItemBatcher', 'MaxInputBytesPerBatch']} unit="bytes" placeholder="262,144" />
      </Two>
      <JsonField label="For every batch" at={['ItemBatcher', 'BatchInput']} rows={1} placeholder={language === 'JSONata' ? '{ "run": "{% $states.context.Execution.Name %}" }' : ''} />
      <p class="hint">A child gets <span class="mono">{shape}</span></p>
      {isObject(state.ItemReader) ? <FirstBatch source={sourceOf(state)} bucket={String(argumentOf(state.ItemReader, 'Bucket') ?? '')} place={String(argumentOf(state.ItemReader, sourceOf(state) === 'objects' ? 'Prefix' : 'Key') ?? '')} /> : null}
    </Group>
  );
}

function Results(): JSX.Element {
  const { editor, path, state, language, buckets } = useAbout();
  const change = useChange();
  const key = argumentsKey(language);
  const writer = isObject(state.ResultWriter) ? state.ResultWriter : undefined;
  const config = isObject(writer?.WriterConfig) ? writer.WriterConfig : {};
  const exported = writer?.Resource !== undefined;
  const toggle = (to: string): void => void editor.edit(text => {
    if (to === 'here') return text.remove([...path, 'ResultWriter']);
    text.set([...path, 'ResultWriter'], { Resource: 'arn:aws:states:::s3:putObject', [key]: { Bucket: buckets.length === 1 ? String(buckets[0]) : '', Prefix: 'results' } }, ['Type', 'ItemProcessor']);
  });
  return (
    <Group title="Results">
      <SegField label="Results of the children" at={['ResultWriter']} value={exported ? 'bucket' : 'here'} options={[['here', 'Go on from here'], ['bucket', 'Into a bucket']]} onChange={value => { if ((value === 'bucket') !== exported) toggle(value); }} />
      {exported ? (
        <Two>
          <TextField label="Bucket" at={['ResultWriter', key, 'Bucket']} suffix=".$" options={buckets} placeholder="bucket" />
          <TextField label="Prefix" at={['ResultWriter', key, 'Prefix']} suffix=".$" placeholder="prefix" />
        </Two>
      ) : null}
      {writer ? (
        <Two>
          <SelectField label="Transformation" at={['ResultWriter', 'WriterConfig', 'Transformation']} value={String(config.Transformation ?? (exported ? 'NONE' : 'COMPACT'))} options={[['NONE', 'whole record'], ['COMPACT', 'output'], ['FLATTEN', 'output, lists joined']]} onChange={value => change([...path, 'ResultWriter', 'WriterConfig', 'Transformation'], value, '')} />
          <SelectField label="Output type" at={['ResultWriter', 'WriterConfig', 'OutputType']} value={String(config.OutputType ?? 'JSON')} options={[['JSON', 'JSON'], ['JSONL', 'JSON Lines']]} onChange={value => change([...path, 'ResultWriter', 'WriterConfig', 'OutputType'], value, '')} />
        </Two>
      ) : null}
    </Group>
  );
}
