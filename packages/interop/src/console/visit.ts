import type { Browser, BrowserContext, Page } from 'playwright-core'

export interface Screen {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

export const DESK: Screen = { width: 1280, height: 800, scheme: 'light' }

/** A page of the console, and what went wrong in it. */
export class Visit implements AsyncDisposable {
  readonly page: Page
  /** Errors of scripts, refusals by the page's policy, what was asked of others. */
  readonly complaints: string[] = []
  readonly #context: BrowserContext
  readonly #url: string

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context
    this.page = page
    this.#url = url
    const { origin } = new URL(url)
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('console', (message) => {
      if (/Content Security Policy|violat/i.test(message.text())) this.complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) this.complaints.push(`asked of another: ${request.url()}`)
    })
  }

  static async begin(browser: Browser, url: string, { width, height, scheme }: Screen = DESK): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB' })
    return new Visit(context, await context.newPage(), url)
  }

  /** Goes to a view, by its address. */
  async to(hash: string): Promise<void> {
    await this.page.goto(`${this.#url}#/${hash}`)
    await this.page.locator('main').waitFor()
  }

  async signIn(user = 'ann', password = 'secret'): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.page.getByLabel('User').fill(user)
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
    await this.page.getByRole('button', { name: 'sign out' }).waitFor()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.close()
  }
}
