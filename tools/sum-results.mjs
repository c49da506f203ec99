// Adds up the results of the suites: out/test/NAME.xml (xunit), NAME.tap (node's runner), else the exit code of a check.
// Shows what failed, says why something was skipped, and ends with one line over all.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...suites] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const read = name => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
const attribute = (tag, name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
const unescape = text => text.replace(/&(?:lt|gt|quot|apos|amp|#x?\w+);/g, entity =>
  ({ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&', '&#xA;': '\n', '&#xD;': '' })[entity] ?? entity);

function fromXunit(xml) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [tag] of xml.matchAll(/<assembly\s[^>]*>/g)) {
    sum.passed += attribute(tag, 'passed');
    sum.failed += attribute(tag, 'failed') + attribute(tag, 'errors');
    sum.skipped += attribute(tag, 'skipped') + attribute(tag, 'not-run');
  }
  for (const [test, name] of xml.matchAll(/<test\s[^>]*?name="([^"]*)"[^>]*?(?:\/>|>[\s\S]*?<\/test>)/g)) {
    if (/result="Fail"/.test(test)) {
      const message = /<message>(?:<!\[CDATA\[)?([\s\S]*?)(?:\]\]>)?<\/message>/.exec(test)?.[1] ?? '';
      const trace = /<stack-trace>(?:<!\[CDATA\[)?([\s\S]*?)(?:\]\]>)?<\/stack-trace>/.exec(test)?.[1] ?? '';
      console.log(`  FAILED ${unescape(name)}\n    ${unescape(message).slice(0, 3000).replaceAll('\n', '\n    ')}\n    ${unescape(trace).slice(0, 1500).replaceAll('\n', '\n    ')}`);
    }
    if (/result="Skip"/.test(test)) console.log(`  skipped ${unescape(name)}: ${unescape(/<reason>(?:<!\[CDATA\[)?([\s\S]*?)(?:\]\]>)?<\/reason>/.exec(test)?.[1] ?? 'no reason given')}`);
  }
  return sum;
}

function fromTap(tap) {
  const count = word => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(tap)?.[1] ?? 0);
  for (const [line] of tap.matchAll(/^\s*not ok (?!.*# TODO).*$/gm)) console.log(`  FAILED ${line.trim()}`);
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') + count('todo') };
}

for (const suite of suites) {
  const exit = Number(read(`${suite}.exit`).trim() || 1);
  const xml = read(`${suite}.xml`), tap = read(`${suite}.tap`);
  const sum = xml ? fromXunit(xml) : tap ? fromTap(tap) : { passed: exit === 0 ? 1 : 0, failed: 0, skipped: 0 };
  // A suite that died without counting a failure has failed all the same.
  if (exit !== 0 && sum.failed === 0) sum.failed = 1;
  if (sum.failed > 0 && !xml) console.log(read(`${suite}.log`).split('\n').slice(-60).join('\n'));
  console.log(`${suite}: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  for (const key of Object.keys(total)) total[key] += sum[key];
}
if (suites.length === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
