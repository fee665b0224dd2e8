import type { KeyValue } from "../../proto/opentelemetry/proto/common/v1/common.ts";
import type { Profile, ProfilesDictionary } from "../../proto/opentelemetry/proto/profiles/v1development/profiles.ts";
import { attributeLines, hex, pairs, time } from "./values.ts";

/*
 * Profiles of today's layout; of an older one the dictionary reads, the samples read wrong.
 */

/** A line for each profile. */
export function shortProfile(profile: Profile, dictionary: ProfilesDictionary | undefined): readonly string[] {
  const attributes = attributesAt(profile.attributeIndices, dictionary);
  return [
    `    Profile ${typeOf(profile, dictionary)} ${profile.samples.length} samples ${pairs(attributes)}`.trimEnd(),
  ];
}

/** All of a profile but its stacks. */
export function longProfile(profile: Profile, dictionary: ProfilesDictionary | undefined): readonly string[] {
  return [
    `    Profile ${typeOf(profile, dictionary)}`,
    `      ID           : ${hex(profile.profileId)}`,
    `      Time         : ${time(profile.timeUnixNano)}`,
    `      Duration     : ${profile.durationNano} ns`,
    ...attributeLines("      ", attributesAt(profile.attributeIndices, dictionary)),
    ...profile.samples.flatMap((sample) => [
      `      Sample of stack ${sample.stackIndex}: ${sample.values.join(" ")}`.trimEnd(),
      ...attributeLines("        ", attributesAt(sample.attributeIndices, dictionary)),
    ]),
  ];
}

/** An attribute with its key and its value where it had their positions. */
export function resolved(attribute: KeyValue, strings: readonly string[]): KeyValue {
  const { key, keyStrindex, value } = attribute;
  const text = value?.stringValueStrindex === undefined ? undefined : strings[value.stringValueStrindex];
  return {
    ...attribute,
    key: keyStrindex === 0 ? key : (strings[keyStrindex] ?? `(string ${keyStrindex})`),
    value: text === undefined ? value : { stringValue: text },
  };
}

function attributesAt(indices: readonly number[], dictionary: ProfilesDictionary | undefined): readonly KeyValue[] {
  return indices.map((index) => {
    const { keyStrindex = 0, value } = dictionary?.attributeTable[index] ?? {};
    return resolved({ key: `(attribute ${index})`, keyStrindex, value }, dictionary?.stringTable ?? []);
  });
}

function typeOf({ sampleType }: Profile, dictionary: ProfilesDictionary | undefined): string {
  const { typeStrindex = 0, unitStrindex = 0 } = sampleType ?? {};
  return `${dictionary?.stringTable[typeStrindex] ?? ""}/${dictionary?.stringTable[unitStrindex] ?? ""}`;
}
