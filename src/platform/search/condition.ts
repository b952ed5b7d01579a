/**
 * What the values of a field are. `param` is text that compares as a number with numbers; `time` is ms since the
 * epoch, which a filter may also write as a date.
 */
export type FieldType = 'number' | 'text' | 'param' | 'time';

/** What is compared or sorted by: a key of an entity, e.g. `auc` of `metrics`. */
export interface Field {
  readonly entity: string;
  readonly key: string;
  readonly type: FieldType;
}

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'like' | 'ilike';

/** A comparison with something that is missing is false, whatever the operator; so is one with NaN. */
export type Comparison =
  | { readonly kind: 'compare'; readonly field: Field; readonly operator: Operator; readonly value: string | number }
  | {
      readonly kind: 'in';
      readonly field: Field;
      readonly values: readonly (string | number)[];
      /** True of `not in`, which asks for a value that is none of these. */
      readonly negated: boolean;
    };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'missing'; readonly field: Field }
  | Comparison;

export interface Order {
  readonly field: Field;
  readonly descending: boolean;
}

/** What can be searched: which entities there are, how they are called and what keys they have. */
export interface Vocabulary {
  /** By their own name. */
  readonly entities: Readonly<Record<string, Entity>>;
  /** The entity of a key that names none. */
  readonly bare: string;
  /** The error for a text that cannot be read. */
  readonly refuse: (refusal: Refusal) => Error;
}

export interface Entity {
  /** How it may be called, in lower case, its own name included where that counts. */
  readonly words: readonly string[];
  /** The type of any key; or the keys there are, by the names they may have in lower case. */
  readonly keys: FieldType | Readonly<Record<string, { readonly key: string; readonly type: FieldType }>>;
}

/** Why a search cannot be read. */
export interface Refusal {
  readonly text: string;
  /** Where, counted from 0. */
  readonly at: number;
  /** In words, as the end of a sentence. */
  readonly problem: string;
  readonly reason: RefusalReason;
}

/** For who tells it in words of his own. `found` is as it was written. */
export type RefusalReason =
  | { readonly kind: 'clause' | 'entity' | 'direction' | 'duplicate'; readonly found: string }
  | { readonly kind: 'key'; readonly entity: string; readonly found: string }
  | { readonly kind: 'operator' | 'value'; readonly field: Field; readonly found: string };
