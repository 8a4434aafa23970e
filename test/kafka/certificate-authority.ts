import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./kafka-program.ts";

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates for one test run; nobody else trusts it. */
export interface CertificateAuthority extends AsyncDisposable {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A certificate for 127.0.0.1 and localhost, for servers and clients; Kafka's name of its bearer is `User:CN=<commonName>`. */
  issue(commonName: string): Promise<Identity>;
}

/** Made by openssl, which comes with Debian's Java and with macOS. @throws Error where that fails */
export async function openCertificateAuthority(): Promise<CertificateAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-authority-"));
  const file = (name: string): string => join(folder, name);
  const openssl = (words: readonly string[]): Promise<string> => run("openssl", words);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const subject = ["-subj", "/CN=tidemark-test-authority"];
    await openssl(["req", "-x509", ...NEW_KEY, ...subject, ...DAYS, "-keyout", file("ca.key"), "-out", file("ca.pem")]);
    await writeFile(file("extensions"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    const certificate = await readFile(file("ca.pem"), "utf8");
    return {
      certificate,
      async issue(commonName) {
        const [key, request, signed] = [".key", ".csr", ".pem"].map((end) => file(`${commonName}${end}`)) as [
          string,
          string,
          string,
        ];
        await openssl(["req", ...NEW_KEY, "-subj", `/CN=${commonName}`, "-keyout", key, "-out", request]);
        const authority = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
        const extensions = ["-extfile", file("extensions")];
        await openssl(["x509", "-req", "-in", request, ...authority, ...DAYS, ...extensions, "-out", signed]);
        return { certificate: await readFile(signed, "utf8"), key: await readFile(key, "utf8") };
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const NEW_KEY: readonly string[] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const DAYS: readonly string[] = ["-days", "2"];
