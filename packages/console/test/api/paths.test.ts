import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ancestors, join, nameOf, parentOf, pathProblem } from '../../dist/app/api/paths.js'

test('paths are put together and taken apart', () => {
  assert.equal(join('/', 'a'), '/a')
  assert.equal(join('/a', 'b'), '/a/b')
  assert.equal(parentOf('/a/b'), '/a')
  assert.equal(parentOf('/a'), '/')
  assert.equal(parentOf('/'), '/')
  assert.equal(nameOf('/a/b'), 'b')
  assert.deepEqual(ancestors('/a/b'), ['/', '/a', '/a/b'])
  assert.deepEqual(ancestors('/'), ['/'])
})

test('what is no path is told', () => {
  for (const path of ['/', '/a', '/a/b c', '/<img>', '/ä']) assert.equal(pathProblem(path), null, path)
  for (const path of ['', 'a', '/a/', '//', '/a//b', '/.', '/a/..', '/a\u0000', '/\ue000']) {
    assert.notEqual(pathProblem(path), null, JSON.stringify(path))
  }
})
