import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/app/nearest.ts';

const WORDS = ['start', 'demo', 'sim', 'decode', 'config', 'doctor'];

test('a slip of one or two letters, a swap or a wrong case finds the word', () => {
  for (const [given, meant] of [
    ['strat', 'start'],
    ['Demo', 'demo'],
    ['decod', 'decode'],
    ['docter', 'doctor'],
    ['confgi', 'config'],
  ]) {
    assert.equal(nearest(given ?? '', WORDS), meant);
  }
});

test('a word that is like none of them finds none', () => {
  for (const given of ['', 'x', 'launch', 'history', 'a'.repeat(10_000)])
    assert.equal(nearest(given, WORDS), undefined);
});
