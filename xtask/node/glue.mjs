// Fits the JavaScript glue and the module that wasm-bindgen generated to each other, for fewer bytes:
//   prune FOLDER NAME    drops exports that nothing can call, so that wasm-opt can drop what they keep alive
//   shorten FOLDER NAME  drops glue that the module no longer imports, and gives the rest names of a letter or two
// Knows the shape of wasm-bindgen's output for `--target web`, and fails where it does not find it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewrite } from './sections.mjs';

/** What the glue's own module is called in the import section. */
const SHORT_MODULE = 'a';

const [task, folder, name] = process.argv.slice(2);
const gluePath = join(folder, `${name}.js`);
const modulePath = join(folder, `${name}_bg.wasm`);
const glue = readFileSync(gluePath, 'utf8');
const module = readFileSync(modulePath);
const result = { prune, shorten }[task](glue, module);
await WebAssembly.compile(result.module);
writeFileSync(gluePath, result.glue);
writeFileSync(modulePath, result.module);

/** A class that has no constructor, and that the module never wraps, cannot come to life. */
function prune(glue, module) {
  for (const [whole, name, body] of glue.matchAll(/^export class (\w+) \{\n(.*?)^\}\n/gms)) {
    if (/^ {4}(constructor\(|static __wrap\()/m.test(body)) continue;
    glue = glue
      .replace(whole, '')
      .replace(new RegExp(`^if \\(Symbol\\.dispose\\) ${name}\\.prototype.*\\n`, 'm'), '')
      .replace(new RegExp(`^const ${name}Finalization = [^;]*;\\n`, 'm'), '');
  }
  const called = new Set(callsOfExports(glue));
  const onExport = (entry) => (called.has(entry.name) ? entry : null);
  return { glue, module: rewrite(module, { onExport }) };
}

function shorten(glue, module) {
  const own = `./${name}_bg.js`;
  const imports = new Map();
  const exports = new Map();
  const shortened = rewrite(module, {
    onImport: (entry) => {
      if (entry.module !== own) return entry;
      imports.set(entry.name, imports.get(entry.name) ?? shortName(imports.size));
      return { ...entry, module: SHORT_MODULE, name: imports.get(entry.name) };
    },
    onExport: (entry) => {
      exports.set(entry.name, shortName(exports.size));
      return { ...entry, name: exports.get(entry.name) };
    },
  });
  const renamed = glue
    .replace(/(?<=const import0 = \{\n {8}__proto__: null,\n).*?(?=^ {4}\};\n)/ms, (body) => renameImports(body, imports))
    .replace(`"${own}": import0`, `"${SHORT_MODULE}": import0`)
    .replace(/\bwasm\.(\w+)/g, (whole, name) => `wasm.${exports.get(name) ?? fail(`the export ${name} is missing`)}`);
  if (imports.size > 0) fail(`the glue has no ${[...imports.keys()].join(', ')}`);
  return { glue: renamed, module: shortened };
}

/** Keeps the functions that are imported, under their new names, and takes them out of `imports`. */
function renameImports(body, imports) {
  return body.replace(/^ {8}(\w+): .*?(?=^ {8}\w+: |(?![^]))/gms, (whole, name) => {
    const short = imports.get(name);
    imports.delete(name);
    return short === undefined ? '' : whole.replace(name, short);
  });
}

function callsOfExports(glue) {
  return [...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name);
}

/** a to z, then aa to zz. */
function shortName(index) {
  const letter = (number) => String.fromCharCode(97 + number);
  return index < 26 ? letter(index) : shortName(Math.floor(index / 26) - 1) + letter(index % 26);
}

function fail(reason) {
  throw new Error(`${reason}: wasm-bindgen's output has changed its shape`);
}
