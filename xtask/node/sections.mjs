// Reads and rewrites the import and export sections of a WebAssembly module; all other sections pass through as bytes.

/** Returns the module with `onImport` and `onExport` applied: each gets an entry and returns it, changed or not, or null to drop it. */
export function rewrite(module, { onImport = (entry) => entry, onExport = (entry) => entry }) {
  const parts = [module.subarray(0, HEADER)];
  for (let at = HEADER; at < module.length; ) {
    const start = at;
    const id = module[at++];
    const length = readNumber(module, at);
    const body = module.subarray(length.next, length.next + length.value);
    at = length.next + length.value;
    if (id === IMPORTS) parts.push(section(id, importEntries(body), onImport, writeImport));
    else if (id === EXPORTS) parts.push(section(id, exportEntries(body), onExport, writeExport));
    else parts.push(module.subarray(start, at));
  }
  return Buffer.concat(parts);
}

function section(id, entries, change, write) {
  const kept = entries.map(change).filter((entry) => entry !== null);
  const body = Buffer.concat([number(kept.length), ...kept.map(write)]);
  return Buffer.concat([Buffer.from([id]), number(body.length), body]);
}

function importEntries(body) {
  return entries(body, (at) => {
    const module = readName(body, at);
    const name = readName(body, module.next);
    const next = skipDescription(body, name.next);
    return { entry: { module: module.value, name: name.value, rest: body.subarray(name.next, next) }, next };
  });
}

function exportEntries(body) {
  return entries(body, (at) => {
    const name = readName(body, at);
    const { next } = readNumber(body, name.next + 1);
    return { entry: { name: name.value, rest: body.subarray(name.next, next) }, next };
  });
}

function entries(body, read) {
  const count = readNumber(body, 0);
  const found = [];
  for (let at = count.next; found.length < count.value; ) {
    const { entry, next } = read(at);
    found.push(entry);
    at = next;
  }
  return found;
}

/** What is imported: a function, table, memory, global or tag, each described in its own way. */
function skipDescription(body, at) {
  switch (body[at]) {
    case 0: return readNumber(body, at + 1).next;
    case 1: return skipLimits(body, at + 2);
    case 2: return skipLimits(body, at + 1);
    case 3: return at + 3;
    case 4: return readNumber(body, at + 2).next;
    default: throw new Error(`an import of unknown kind ${body[at]}`);
  }
}

function skipLimits(body, at) {
  const minimum = readNumber(body, at + 1).next;
  return body[at] & 1 ? readNumber(body, minimum).next : minimum;
}

function readName(bytes, at) {
  const { value, next } = readNumber(bytes, at);
  return { value: bytes.toString('utf8', next, next + value), next: next + value };
}

/** Numbers are LEB128: seven bits a byte, the lowest first. */
function readNumber(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
}

function number(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Buffer.from([...bytes, value]);
}

function name(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([number(bytes.length), bytes]);
}

const writeImport = (entry) => Buffer.concat([name(entry.module), name(entry.name), entry.rest]);
const writeExport = (entry) => Buffer.concat([name(entry.name), entry.rest]);

const HEADER = 8;
const IMPORTS = 2;
const EXPORTS = 7;
