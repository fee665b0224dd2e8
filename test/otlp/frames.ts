import { create, createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { parse, type Raw } from "./wire.ts";

/*
 * Two opinions on the frames of a request, next to that of check(): do all fields down to the records hold together?
 */

/** Records in a request by the specification: all that is known is length-delimited; undefined when a frame is broken. */
export function countByTheBook(bytes: Uint8Array): number | undefined {
  try {
    return known(parse(bytes), 1)
      .flatMap(({ value }) => scopesOf(known(parse(value), 3)))
      .reduce((sum, scope) => sum + known(parse(scope.value), 3).filter(({ no }) => no === 2).length, 0);
  } catch {
    return undefined;
  }
}

/** The scopes among a resource's fields; throws when a Resource message is broken. */
function scopesOf(fields: readonly Raw[]): Raw[] {
  for (const { no, value } of fields) if (no === 1) parse(value);
  return fields.filter(({ no }) => no === 2);
}

/** The fields with numbers up to `last`; throws when one is not length-delimited. */
function known(fields: readonly Raw[], last: number): Raw[] {
  const found = fields.filter(({ no }) => no <= last);
  if (found.some(({ wire }) => wire !== 2)) throw new Error("wire type");
  return found;
}

const schema = framesSchema();

/** Records in a request by Protobuf-ES, for which everything that check() does not look into is just bytes; or why it cannot tell. */
export function countByProtobufEs(bytes: Uint8Array): number | string {
  try {
    const request = fromBinary(schema, bytes) as unknown as { resources: { scopes: { records: Uint8Array[] }[] }[] };
    return request.resources.flatMap(({ scopes }) => scopes).reduce((sum, { records }) => sum + records.length, 0);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function framesSchema(): DescMessage {
  const label = FieldDescriptorProto_Label.REPEATED;
  const bytes = (name: string, number: number) => ({ name, number, label, type: FieldDescriptorProto_Type.BYTES });
  const message = (name: string, number: number, typeName: string) => ({
    name,
    number,
    label,
    type: FieldDescriptorProto_Type.MESSAGE,
    typeName,
  });
  const file = create(FileDescriptorProtoSchema, {
    name: "frames.proto",
    syntax: "proto3",
    messageType: [
      { name: "Request", field: [message("resources", 1, ".Container")] },
      {
        name: "Container",
        field: [message("resource", 1, ".Resource"), message("scopes", 2, ".Scope"), bytes("schema_url", 3)],
      },
      { name: "Resource" },
      { name: "Scope", field: [bytes("scope", 1), bytes("records", 2), bytes("schema_url", 3)] },
    ],
  });
  const found = createFileRegistry(file, () => undefined).getMessage("Request");
  if (found === undefined) throw new Error("Cannot find Request");
  return found;
}
