/** `my-rule`, `myRule`, `MyRule`, `My rule`. */
export interface MechanismNames {
  readonly kind: string;
  readonly functionName: string;
  readonly typeName: string;
  readonly title: string;
}
