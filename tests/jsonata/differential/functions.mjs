// What random calls look like: for each function the kinds of its arguments. A kind is a name of
// `arguments_` in grammar.mjs; `kind?` may be left out.
export const FUNCTIONS = {
  string: ['any', 'bool?'], length: ['text'], substring: ['text', 'small', 'small?'], substringBefore: ['text', 'text'],
  substringAfter: ['text', 'text'], uppercase: ['text'], lowercase: ['text'], trim: ['text'], pad: ['text', 'small', 'text?'],
  contains: ['text', 'pattern'], split: ['text', 'pattern', 'small?'], join: ['texts', 'text?'], match: ['text', 'regex', 'small?'],
  replace: ['text', 'pattern', 'replacement', 'small?'], eval: ['code', 'any?'], base64encode: ['ascii'], base64decode: ['ascii'],
  encodeUrlComponent: ['text'], encodeUrl: ['text'], decodeUrlComponent: ['text'], decodeUrl: ['text'],
  number: ['any'], abs: ['number'], floor: ['number'], ceil: ['number'], round: ['number', 'small?'], power: ['number', 'whole'],
  sqrt: ['number'], formatNumber: ['number', 'numberPicture', 'numberOptions?'], formatBase: ['number', 'radix?'],
  formatInteger: ['number', 'integerPicture'], parseInteger: ['text', 'integerPicture'],
  sum: ['numbers'], max: ['numbers'], min: ['numbers'], average: ['numbers'],
  boolean: ['any'], not: ['any'], exists: ['any'],
  count: ['any'], append: ['any', 'any'], sort: ['list', 'comparator?'], reverse: ['list'], distinct: ['any'], zip: ['list', 'list?', 'list?'],
  keys: ['any'], lookup: ['any', 'key'], spread: ['any'], merge: ['any'], sift: ['any', 'test3'], each: ['any', 'map3'], error: ['text?'],
  assert: ['bool', 'text?'], type: ['any'],
  map: ['any', 'map3'], filter: ['any', 'test3'], single: ['any', 'test3?'], reduce: ['list', 'fold', 'any?'],
  fromMillis: ['millis', 'datePicture?', 'zone?'], toMillis: ['timestamp', 'datePicture?'], clone: ['any'],
};

export const NAMES_OF_FUNCTIONS = Object.keys(FUNCTIONS);

export const REGEXES = [
  '/a/', '/[a-z]+/', '/\\d+/', '/(\\w)(\\w*)/', '/b|c/i', '/^a/', '/a$/', '/(a)|(b)/', '/\\s+/', '/./', '/o+/', '/(?:x)?y?/', '/[^a]/',
  '/é|ß/i', '/a{2,3}/', '/(a+)(b*)/', '/\\bfoo\\b/', '/X/', '/(?=a)/', '/a*/', '/\\u0061/', '/[\\u00e0-\\u00ff]/i', '/(.)(.)(.)/', '/^\\s|\\s$/m',
];

export const REPLACEMENTS = ['"-"', '""', '"$1"', '"[$0]"', '"$2$1"', '"$$"', '"$"', '"$11"', '"<$3>"', 'function($m){$uppercase($m.match)}',
  'function($m){$m.index & ":" & $m.groups[0]}', 'function($m){1}'];

export const NUMBER_PICTURES = ['0', '#', '#,##0.00', '0.0##', '00.00', '#0%', '0‰', '0.0e0', '#,###', '##,##,##0', '000', '.00', '#.#', '0;(0)', 'x0y', '0.00;-0',
  '$#,##0.00', '#,##0.###,#', '0.#,#', '##e0', '00e00', '#0.0#e00', '', 'x', '0.0.0', '0%%', '#,', '0,0', ',0', '0#', '#.#0', '0e', '0;0;0', '0.,0', '%0‰', '٠', '#,#0.0'];

export const INTEGER_PICTURES = ['0', '1', '#,##0', '000', 'I', 'i', 'A', 'a', 'w', 'W', 'Ww', 'w;o', 'Ww;o', '0;o', '1;o', '#,##,##0', '٠', '0,0', '#:##0', '##', 'Ⅰ', '*',
  '', '00;c', 'W;o', '#.0', 'I;o', '１', 'aa'];

export const DATE_PICTURES = ['[Y0001]-[M01]-[D01]', '[H01]:[m01]:[s01].[f001]', '[D1o] [MNn] [Y]', '[FNn], [D] [MNn,*-3] [Y0001]', '[h]:[m01] [P]', '[Y,2]', '[Y,*-2]',
  '[d001]', '[W01]-[F1]', '[w] [X0001]', '[Z]', '[z]', '[Z01:01t]', '[Z0101]', '[YI]', '[Dwo] [Mn]', '[DW]', '[MN]', '[[x]] [Y]', '[E]', '[C]', '[x]', '[Y', '[q]', '[M#]',
  '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]', '[f]', '[f1]', '[f,3-3]', '[s]', '[MNn,3-3]', '[FN,*-2]', '[H#1]', '[P,*-1]', '[PN]', '[Y9,999,*]', '[xNn]', '[ Y 0001 ]',
  '[D,2]', '[Fo]', '[Da]', '[DA]', '[D1t]', '[YYYY]', 'no markers', ''];

export const TIMESTAMPS = ['2017-11-07T15:12:37.121Z', '2018-04-01', '2018', '2018-02-29', '2017-11-07T15:12:37+05:30', '1999-12-31T23:59:59.999-0800', 'x', '12:00', '07 November 2017',
  '7th November 2017', '2017-311', 'Tuesday, 7 Nov 2017', '2017-11-07 3:12 pm', '12am', '15:12:37.12', '2017-13-01', '2017-11-31', 'MMXVII', 'seven November'];

export const ZONES = ['"+0100"', '"-0530"', '"Z"', '"0000"', '"+14"', '"x"', '"-0030"'];

export const CODE = ['"1+1"', '"a"', '"[1,2].($*2)"', '"a.b["', '"$x := 3"', '"$sum(\\"a\\")"', '"{\\"k\\": a}"', '"$"', '""', '"$unknown(1)"', '"1 +"'];
