export const MOUNTED_CONTEXTS = Symbol('holdfast:mounted-contexts');
