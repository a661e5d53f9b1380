// Names out of ARNs: arn:aws:states:REGION:ACCOUNT:KIND:MACHINE[/LABEL][:NAME]

export interface Arn { kind: string; machine: string; label: string; name: string }

export function parseArn(text: string): Arn | undefined {
  const pieces = text.split(':');
  if (pieces.length < 7 || pieces[0] !== 'arn' || pieces[2] !== 'states') return undefined;
  const [machine = '', label = ''] = (pieces[6] ?? '').split('/');
  return { kind: pieces[5] ?? '', machine, label, name: pieces.slice(7).join(':') };
}

export const machineName = (arn: string): string => parseArn(arn)?.machine ?? arn;

/** The machine an execution or a Map Run is of. */
export function machineArn(arn: string): string {
  const pieces = arn.split(':');
  return [...pieces.slice(0, 5), 'stateMachine', (pieces[6] ?? '').split('/')[0]].join(':');
}
