/** The hot loops, on linear memory that their callers lay out. */
export { dotOfBlock, sumOfBlock } from "./block-sum";
export { expInPlace } from "./exp";
export { logInPlace } from "./log";
export { chooseBest, chooseBySoftmax } from "./logit-choice";
export { logarithmsAlong, uniformsAcross, uniformsAlong } from "./philox";
