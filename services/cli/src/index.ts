export { createShop, deliveriesBefore } from "./shop/shop.ts";
export type { Delivery, ShopEvent } from "./shop/shop-event.ts";
export type { ShopOptions } from "./shop/shop-floor.ts";
