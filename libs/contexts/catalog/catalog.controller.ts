import { Created, Idempotent, PageQuery, SkuParam } from '@holdfast/host';
import { Open, Roles } from '@holdfast/security';
import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { AddProduct, ProductInput } from './add-product/add-product.js';
import { ChangePrice } from './change-price/change-price.js';
import { GetProduct } from './get-product/get-product.js';
import { ListProducts } from './list-products/list-products.js';
import { PriceInput } from './price.input.js';
import { ProductPage, ProductView } from './product.view.js';

@ApiTags('products')
@Controller({ path: 'products', version: '1' })
export class CatalogController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Open()
  @ApiOkResponse({ type: ProductPage })
  list(@Query() page: PageQuery): Promise<ProductPage> {
    return this.queries.execute(new ListProducts(page));
  }

  @Get(':sku')
  @Open()
  @ApiOkResponse({ type: ProductView })
  get(@Param('sku', SkuParam) sku: string): Promise<ProductView> {
    return this.queries.execute(new GetProduct(sku));
  }

  @Post()
  @Roles('admin')
  @Idempotent()
  @Created(({ sku }: ProductView) => `/api/v1/products/${sku}`)
  @ApiCreatedResponse({ type: ProductView })
  add(@Body() input: ProductInput): Promise<ProductView> {
    return this.commands.execute(new AddProduct(input));
  }

  @Put(':sku/price')
  @Roles('admin')
  @Idempotent()
  @ApiOkResponse({ type: ProductView })
  changePrice(@Param('sku', SkuParam) sku: string, @Body() price: PriceInput): Promise<ProductView> {
    return this.commands.execute(new ChangePrice(sku, price));
  }
}
