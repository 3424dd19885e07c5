import { type Rule } from 'eslint';

export declare function forbiddenImport(from: string, specifier: string): string | undefined;
export declare const arrows: Rule.RuleModule;
