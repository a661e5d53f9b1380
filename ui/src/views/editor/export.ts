// The definition and its drawing as files, and files as definitions.

import { load } from 'js-yaml';
import { yamlOf } from '../../model/editor/yaml';
import { plural } from '../../model/format';

function give(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const exportJson = (name: string, text: string): void => give(`${name}.asl.json`, text, 'application/json');
export const exportYaml = (name: string, machine: unknown): void => give(`${name}.asl.yaml`, yamlOf(machine as object), 'application/yaml');
/** A template of CloudFormation that makes the state machine. */
export function exportTemplate(name: string, machine: unknown, properties: object): void {
  const id = name.replace(/[^A-Za-z0-9]/g, '') || 'StateMachine';
  give(`${name}.template.yaml`, yamlOf({ AWSTemplateFormatVersion: '2010-09-09', Resources: { [id]: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: name, ...properties, Definition: machine } } } }), 'application/yaml');
}

const isJson = (text: string): boolean => { try { JSON.parse(text); return true; } catch { return false; } };

/** A definition out of the text of a file: JSON as it is, YAML as JSON; and what of the file does not come with it. Throws what is wrong with it. */
export function definitionOf(text: string): { definition: string; lost: string | undefined } {
  // Flow style of YAML begins as JSON does.
  if (/^\s*\{/.test(text) && isJson(text)) return { definition: text, lost: undefined };
  const value: unknown = load(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('A definition is an object with StartAt and States');
  return { definition: `${JSON.stringify(value, null, 2)}\n`, lost: lostOf(text) };
}

/** What YAML has and the same in JSON has not. (In quotes or in a text of several lines a # is none of it: that is said all the same, and harms nobody.) */
function lostOf(text: string): string | undefined {
  const plain = text.replace(/'[^'\n]*'|"[^"\n]*"/g, '""');
  const comments = plain.split('\n').filter(line => /(^|\s)#/.test(line)).length;
  const anchors = /[:\-]\s+[&*]\w/.test(plain) || /^\s*<<:/m.test(plain);
  const parts = [comments > 0 ? plural(comments, 'comment') : '', anchors ? 'anchors, which are written out' : ''].filter(Boolean);
  return parts.length > 0 ? parts.join(' and ') : undefined;
}

const KEPT = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font', 'text-anchor', 'opacity', 'color', 'stroke-linecap', 'stroke-linejoin'];

/** The drawing with all that style sheets say written into it. */
function alone(svg: SVGSVGElement): { text: string; w: number; h: number } {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [[...svg.querySelectorAll('*')], [...copy.querySelectorAll('*')]];
  // What is selected is none of the picture's business.
  const selected = [...svg.querySelectorAll('.sel')];
  for (const one of selected) one.classList.remove('sel');
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    (to[i] as SVGElement).setAttribute('style', KEPT.map(name => `${name}:${style.getPropertyValue(name)}`).join(';'));
  });
  for (const one of selected) one.classList.add('sel');
  for (const gone of copy.querySelectorAll('.drop, .hole, .open')) gone.remove();
  const [x, y, w, h] = (copy.getAttribute('viewBox') ?? '0 0 1 1').split(' ').map(Number) as [number, number, number, number];
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(w));
  copy.setAttribute('height', String(h));
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [key, value] of Object.entries({ x, y, width: w, height: h, fill: getComputedStyle(svg.closest('.stage') as Element).backgroundColor })) ground.setAttribute(key, String(value));
  copy.insertBefore(ground, copy.firstChild);
  return { text: new XMLSerializer().serializeToString(copy), w, h };
}

export const exportSvg = (name: string, svg: SVGSVGElement): void => give(`${name}.svg`, alone(svg).text, 'image/svg+xml');

/** Longest side of a picture, in pixels. */
const SIDE_MAX = 8_192;

export async function exportPng(name: string, svg: SVGSVGElement): Promise<void> {
  const { text, w, h } = alone(svg);
  const scale = Math.min(2, SIDE_MAX / w, SIDE_MAX / h);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.ceil(w * scale), Math.ceil(h * scale)];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('The browser made no picture of it');
  give(`${name}.png`, blob, 'image/png');
}
