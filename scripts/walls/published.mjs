// Walls of the libraries that could be published: everything they export is documented, and they speak of no shop.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const published = ['messaging', 'data-consistency', 'routing'];

export const publishedRules = ['public-exports-are-documented', 'published-libraries-speak-of-no-shop'];

/** Words of the shop. As a verb "orders" is fine ("the key orders messages"), and "checkOut" is what pools do. */
const shopWords = new RegExp(
  [
    String.raw`\b(?:customers?|payments?|shipments?|shipping|skus?|inventory|refunds?|purchases?|baskets?|products?|stock|shop)\b`,
    String.raw`\border(?:Id|Placed|-placed)\b|['"./]orders\b|\borders\.\w`,
  ].join('|'),
  'i',
);

/**
 * @param {string} base a house: this checkout or a fixture
 * @returns {{ rule: string, from: string, to: string, comment: string }[]} in the form of cruiseHouse
 */
export function findUnpublishable(base) {
  const folders = published.map((name) => path.join('libs', name)).filter((one) => fs.existsSync(path.join(base, one)));
  return folders.flatMap((folder) => [...undocumented(base, folder), ...shopTalk(base, folder)]);
}

function undocumented(base, folder) {
  const index = path.join(folder, 'index.ts');
  if (!fs.existsSync(path.join(base, index))) return [];
  const comment = 'A doc comment says what it is, in which units, with which defaults and errors.';
  const exported = exportsOf(base, index);
  const isSaid = new Set(exported.filter(({ documented }) => documented).map(({ name }) => name)); // a value and its type share one
  return exported
    .filter(({ name }) => !isSaid.has(name))
    .map(({ file, name }) => ({ rule: publishedRules[0], from: file, to: name, comment }));
}

/** What a module exports, its own and what it passes on from its neighbours. */
function exportsOf(base, file) {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(path.join(base, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return passedOn(base, file, statement);
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const names = statement.declarationList?.declarations.map((one) => one.name.text) ?? [
      statement.name?.text ?? 'default',
    ];
    return names.map((name) => ({ file, name, documented: isDocumented(statement) }));
  });
}

function passedOn(base, file, { moduleSpecifier, exportClause }) {
  if (!moduleSpecifier?.text.startsWith('.')) return []; // somebody else's
  const from = path.join(path.dirname(file), moduleSpecifier.text.replace(/\.js$/, '.ts'));
  if (!fs.existsSync(path.join(base, from))) return [];
  const there = exportsOf(base, from);
  if (!exportClause) return there;
  const wanted = new Set(exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text));
  return there.filter(({ name }) => wanted.has(name));
}

const isDocumented = (statement) =>
  ts.getJSDocCommentsAndTags(statement).some((doc) => ts.isJSDoc(doc) && (doc.comment || doc.tags?.length));

function shopTalk(base, folder) {
  const comment = 'A library that could be published knows accounts, notes and trips, not this shop.';
  return fs
    .readdirSync(path.join(base, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|md)$/.test(file))
    .flatMap((file) => {
      const lines = fs.readFileSync(path.join(base, folder, file), 'utf8').split('\n');
      const from = path.join(folder, file).replaceAll(path.sep, '/');
      return lines.flatMap((line, index) => {
        if (/^import\b.*from '@holdfast\/contracts\//.test(line)) return []; // another wall's business
        const word = shopWords.exec(line)?.[0];
        return word ? [{ rule: publishedRules[1], from: `${from}:${index + 1}`, to: word, comment }] : [];
      });
    });
}
