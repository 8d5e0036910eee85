import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { badRequest } from '../problem/problems.js';
import { SKU, UUID } from './text.js';

/** `@Param('id', UuidParam) id: string`: a malformed id is 400 naming the parameter; a well-formed unknown one is 404. */
@Injectable()
export class UuidParam implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (typeof value === 'string' && UUID.test(value)) return value.toLowerCase();
    throw badRequest({ type: 'invalid-input', field: data ?? 'id', rule: 'uuid', detail: 'must be a UUID' });
  }
}

/** `@Param('sku', SkuParam) sku: string` */
@Injectable()
export class SkuParam implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (typeof value === 'string' && SKU.test(value)) return value;
    throw badRequest({
      type: 'invalid-input',
      field: data ?? 'sku',
      rule: 'sku',
      detail: 'must be a SKU such as TEA-001',
    });
  }
}
