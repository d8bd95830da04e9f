// SPDX-License-Identifier: Apache-2.0
// Forms as node reads and writes them (undici, as fetch does), for the tests. As forms.py:
//   node forms.js read FOLDER     what Response.formData() finds
//   node forms.js write FOLDER    what FormData becomes of FOLDER/1, FOLDER/2, ...
'use strict';
const fs = require('fs');
const path = require('path');

function shown(content) {
  if (content === null) return '-';
  return Buffer.from(content).toString('hex') || '.';
}

async function read(folder) {
  const type = fs.readFileSync(path.join(folder, 'type'), 'utf8');
  const body = fs.readFileSync(path.join(folder, 'body'));
  const form = await new Response(body, { headers: { 'Content-Type': type } }).formData();
  for (const [name, value] of form) {
    if (typeof value === 'string') console.log(shown(name), '-', '-', shown(value));
    else console.log(shown(name), shown(value.name), shown(value.type), shown(await value.arrayBuffer()));
  }
}

async function write(folder) {
  const form = new FormData();
  form.append('text "with" marks\r\nand lines', 'value \u2603');
  form.append('empty', '');
  for (const name of fs.readdirSync(folder).filter((name) => /^\d+$/.test(name)).sort()) {
    const content = fs.readFileSync(path.join(folder, name));
    form.append(`field ${name}`, new Blob([content], { type: 'application/x-number' }), `n\u00e4me "${name}".bin`);
  }
  const response = new Response(form);
  fs.writeFileSync(path.join(folder, 'type'), response.headers.get('content-type'));
  fs.writeFileSync(path.join(folder, 'body'), Buffer.from(await response.arrayBuffer()));
}

const [command, folder] = process.argv.slice(2);
(command === 'write' ? write : read)(folder).then(() => console.log('done'));
