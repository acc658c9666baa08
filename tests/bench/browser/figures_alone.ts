// Playwright's own reporters write to standard output, which is for figures alone.

import type { FullResult, Reporter, TestCase, TestError, TestResult } from "@playwright/test/reporter";

export default class FiguresAlone implements Reporter {
  onTestBegin(test: TestCase): void {
    say(`measuring ${test.title}`);
  }

  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }

  onStdErr(chunk: string | Buffer): void {
    process.stderr.write(chunk);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const error of result.errors) say(`${test.title}: ${describe(error)}`);
  }

  onError(error: TestError): void {
    say(describe(error));
  }

  onEnd({ status }: FullResult): void {
    if (status !== "passed") say(`the browser's figures are not complete: ${status}`);
  }
}

function describe(error: TestError): string {
  return error.stack ?? error.message ?? error.value ?? "failed without a reason";
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
