/** The topic of a group's dead letters: `<group>.dlq`. */
export function deadLetterTopic(group: string): string {
  return `${group}.dlq`;
}
