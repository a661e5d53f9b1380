// What the ItemReaders of somebody's definition want to read, made up: for each a file (or what a listing finds) with two records
// in the format it asks for.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export const argumentsOf = reader => reader.Parameters ?? reader.Arguments ?? {};

/** A bucket's name as S3 allows it; undefined of what is evaluated. */
export const bucketName = text => text.startsWith('{%') || text.startsWith('$') ? undefined
  : text.toLowerCase().replace(/[^a-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '').padEnd(3, '-x');

const formatOf = reader => reader.ReaderConfig?.ManifestType ?? reader.ReaderConfig?.InputType;

/** The key that a reader of a file is given where it evaluates it; undefined of a listing. */
export const keyOf = reader => /getObject$/.test(reader.Resource) ? `stub.${formatOf(reader)}` : undefined;

const isLiteral = value => typeof value === 'string' && !value.startsWith('{%');
const quoted = text => `"${text.replaceAll('"', '""')}"`;

function csv(reader, record) {
  const headers = reader.ReaderConfig.CSVHeaders ?? ['id', ...Object.keys(record).filter(name => typeof record[name] !== 'object')];
  const rows = [1, 2].map(id => headers.map(name => quoted(String({ ...record, id }[name] ?? 'stub'))));
  return (reader.ReaderConfig.CSVHeaderLocation === 'GIVEN' ? rows : [headers.map(quoted), ...rows]).map(row => `${row.join(',')}\n`).join('');
}

/** An inventory as S3 writes it: the manifest, and beside it the list that it names. */
function inventory(bucket, key) {
  const list = `${key}.csv.gz`;
  const content = gzipSync('"stub","one","1"\n"stub","two%20words","2"\n');
  const manifest = {
    sourceBucket: 'stub', destinationBucket: `arn:aws:s3:::${bucket}`, version: '2016-11-30', creationTimestamp: '1514944800000',
    fileFormat: 'CSV', fileSchema: 'Bucket, Key, Size',
    files: [{ key: list, size: content.length, MD5checksum: createHash('md5').update(content).digest('hex') }],
  };
  return [{ bucket, key, content: JSON.stringify(manifest) }, { bucket, key: list, content }];
}

function fileOf(reader, bucket, key, record) {
  switch (formatOf(reader)) {
    case 'MANIFEST':
    case 'S3_INVENTORY':
      return inventory(bucket, key);
    case 'CSV':
      return [{ bucket, key, content: csv(reader, record) }];
    case 'JSONL':
      return [{ bucket, key, content: `${JSON.stringify(record)}\n${JSON.stringify(record)}\n` }];
    default:
      return [{ bucket, key, content: JSON.stringify([record, record]) }];
  }
}

/** The objects {bucket, key, content} for all ItemReaders of a definition; their records are `record` or what a format can hold of it. */
export function objectsOf(definition, record) {
  const all = [];
  const find = (value, key) => {
    if (key === 'ItemReader') all.push(...objectsFor(value, record));
    else if (value && typeof value === 'object') for (const [name, member] of Object.entries(value)) find(member, name);
  };
  find(definition);
  return all;
}

function objectsFor(reader, record) {
  const { Bucket, Key, Prefix } = argumentsOf(reader);
  const bucket = isLiteral(Bucket) ? bucketName(Bucket) : 'stub';
  if (keyOf(reader)) return fileOf(reader, bucket, isLiteral(Key) ? Key : keyOf(reader), record);
  const prefix = isLiteral(Prefix) ? Prefix : 'stub/';
  return ['one', 'two'].flatMap(name => fileOf(reader, bucket, `${prefix}${name}`, record));
}
