import { UuidField, notFound } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ApiProperty } from '@nestjs/swagger';
import { STATUSES, isVisibleTo, type Shipment } from '../domain/shipment.js';
import { ShipmentStore } from '../shipment.store.js';

export class ShipmentsQuery {
  @UuidField({ description: 'whose shipments' })
  orderId!: string;
}

export class ShipmentView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ enum: STATUSES })
  status!: Shipment['status'];

  @ApiProperty({ example: 'parcelwise' })
  carrier!: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'given by the carrier when it is dispatched' })
  trackingCode!: string | null;
}

export class ShipmentsView {
  @ApiProperty({ type: [ShipmentView] })
  items!: ShipmentView[];

  @ApiProperty({ type: 'string', nullable: true, example: null })
  nextCursor!: string | null;
}

export class ListShipments extends Query<ShipmentsView> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
  ) {
    super();
  }
}

@QueryHandler(ListShipments)
export class ListShipmentsHandler implements IQueryHandler<ListShipments> {
  constructor(private readonly shipments: ShipmentStore) {}

  async execute({ orderId, by }: ListShipments): Promise<ShipmentsView> {
    const shipment = await this.shipments.ofOrder(orderId);
    // A missing shipment and somebody else's look the same.
    if (!shipment || !isVisibleTo(shipment, by)) throw notFound({ detail: 'There is no such shipment.' });
    return { items: [shipmentView(shipment)], nextCursor: null };
  }
}

function shipmentView(shipment: Shipment): ShipmentView {
  const { shipmentId, orderId, status, carrier } = shipment;
  return {
    id: shipmentId,
    orderId,
    status,
    carrier,
    trackingCode: shipment.status === 'dispatched' ? shipment.trackingCode : null,
  };
}
