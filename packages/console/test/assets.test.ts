import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { assetsDirectory } from '../dist/index.js'

const files = readdirSync(assetsDirectory, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.(js|css|html|svg|txt)$/.test(name))
const read = (name: string): Buffer => readFileSync(join(assetsDirectory, name))
const page = read('index.html').toString()

test('each file is there compressed, too', () => {
  assert.ok(files.length >= 6)
  for (const name of files) {
    assert.deepEqual(brotliDecompressSync(read(`${name}.br`)), read(name), name)
    assert.deepEqual(gunzipSync(read(`${name}.gz`)), read(name), name)
  }
})

test('the page loads what there is, by relative addresses, and has no script or style of its own', () => {
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => name)
  assert.ok(loaded.length >= 4)
  for (const name of loaded) assert.ok(files.includes(name), name)
  assert.doesNotMatch(page, /<script(?![^>]*src=)|<style|style=|\son\w+=/)
})

test('what is loaded before the first paint is small', () => {
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, name = '']) => name)
  const bytes = loaded.reduce((sum, name) => sum + read(`${name}.br`).length, 0)
  assert.ok(bytes < 60_000, `${bytes} bytes`)
})

test('nothing is asked of another host', () => {
  for (const name of files.filter((name) => /\.(js|css|html)$/.test(name))) {
    const text = read(name).toString()
    const hosts = [...text.matchAll(/https?:\/\/[\w.-]+/g)].map(([host]) => host)
    // The names of namespaces, which nothing is fetched from.
    assert.deepEqual(
      hosts.filter((host) => !host.startsWith('http://www.w3.org')),
      [],
      name,
    )
  }
})
