import { writeFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox, type Server } from "./sandbox.ts";
import { until } from "./until.ts";

let sandbox: Sandbox;
let server: Server;

// The last row is of 1 February in UTC and of the 2nd in Tokyo.
const ROWS = ["customer,date,amount", "anna,2024-01-01,10.00", "ben,2024-01-15,5.25", "anna,2024-02-01T16:00Z,7", ""];

beforeAll(async () => {
  sandbox = await openSandbox();
  await writeFile(join(sandbox.folder, "f.csv"), ROWS.join("\n"));
  server = await sandbox.start(["--currency", "USD", "--time-zone", "Asia/Tokyo", "--clock", "event"]);
});
afterAll(() => sandbox[Symbol.asyncDispose]());

describe("an import through a server that is named", () => {
  test.each([
    [["--currency", "EUR"], /TIDEMARK_CURRENCY \(--currency\) is USD there/u],
    [["--time-zone", "UTC"], /TIDEMARK_TIME_ZONE \(--time-zone\) is Asia\/Tokyo there/u],
    [["--clock", "wall", "--currency", "EUR"], /\(--clock\) is event there[\s\S]*\(--currency\) is USD there/u],
  ])("sends nothing where a setting is not the server's: %j", async (flags, words) => {
    const { code, stdout, stderr } = await sandbox.run(["import", "f.csv", "--url", server.url, ...flags]);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/leave the setting out[\s\S]*nothing was sent/u);
    expect(await summaryOf(server)).toMatchObject({ eventsAppended: 0 });
  });

  test("reads the rows by the server's currency, time zone and clock, whatever the defaults are", async () => {
    const { code, stdout, stderr } = await sandbox.run(["import", "f.csv", "--url", server.url, "--json"]);
    expect(code).toBe(0);
    expect(stderr).toContain('amounts from "amount" in USD');
    // A date alone is noon in Tokyo.
    const times = { firstAt: "2024-01-01T03:00:00.000Z", lastAt: "2024-02-01T16:00:00.000Z" };
    expect(JSON.parse(stdout)).toMatchObject({ rows: 3, accepted: 3, rejected: 0, ...times });
    await until("both are scored", async () => {
      const scored = [await customerOf("anna"), await customerOf("ben")];
      const spent = scored.map(({ profile }) => profile?.spendMinor);
      return spent[0] === 1700 && spent[1] === 525 ? true : null;
    });
    // The last day, of Tokyo, has ended for all.
    await until("time has moved on", async () =>
      (await summaryOf(server)).tick === "2024-02-02T14:59:59.999Z" ? true : null,
    );
  });

  test("takes the settings that are the server's", async () => {
    const same = ["--currency", "USD", "--time-zone", "Asia/Tokyo", "--clock", "event"];
    const { code, stdout } = await sandbox.run(["import", "f.csv", "--url", server.url, "--json", ...same]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 0, duplicate: 3 });
  });

  test("sends nothing where there is no folder to sort the rows in, and says so", async () => {
    const environment = { TMPDIR: join(sandbox.folder, "missing") };
    const { code, stdout, stderr } = await sandbox.run(["import", "f.csv", "--url", server.url], { environment });
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain(
      `tidemark: cannot make a folder to sort the rows in, in ${environment.TMPDIR}: there is no such file or directory\n`,
    );
  });

  test.each([
    [404, "{}", "upgrade it"],
    [200, "<title>a page</title>", "does not say in which currency"],
  ])("guesses nothing of a server that does not tell its settings: %i %s", async (status, body, words) => {
    const other = createServer((_request, response) => response.writeHead(status).end(body));
    const url = await listening(other);
    const { code, stderr } = await sandbox.run(["import", "f.csv", "--url", url]);
    other.close();
    expect(code).toBe(3);
    expect(stderr).toContain(words);
  });
});

function listening(http: HttpServer): Promise<string> {
  return new Promise((resolve) => {
    http.listen(0, "127.0.0.1", () => {
      const address = http.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
    });
  });
}

async function customerOf(id: string): Promise<{ readonly profile?: { readonly spendMinor: number } }> {
  return (await (await fetch(`${server.url}/v1/customers/${id}`)).json()) as Awaited<ReturnType<typeof customerOf>>;
}

interface SummaryBody {
  readonly eventsAppended: number;
  readonly tick: string | null;
}

async function summaryOf({ url }: Server): Promise<SummaryBody> {
  return (await (await fetch(`${url}/v1/summary`)).json()) as SummaryBody;
}
