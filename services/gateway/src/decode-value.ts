import { type Codec, type Contracts, SchemaMissing } from "@tidemark/contracts";

/** Decodes a value, asking the registry for its schema where that is not known yet. @throws MalformedRecord, RegistryUnavailable */
export async function decodeValue<T>(contracts: Contracts, codec: Codec<T>, bytes: Uint8Array): Promise<T> {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (!(error instanceof SchemaMissing)) throw error;
    await contracts.load(error.id);
    return codec.decode(bytes);
  }
}
