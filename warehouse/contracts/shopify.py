"""Shopify orders and refunds. Of a customer only the shop's own id enters: no name, e-mail or address."""

from __future__ import annotations

from warehouse.contracts.base import (
    TableContract,
    currency,
    figure,
    flag,
    identifier,
    moment,
    synced,
    text,
    words,
)

SOURCE = "shopify"

_ADDRESS = "name first_name last_name company phone address_1 address_2 city country province province_code zip"

ORDER = TableContract(
    source=SOURCE,
    table="order",
    description="Orders, as they stand at `updated_at`; an order changes for months.",
    columns=(
        identifier("id", "Order.", key=True),
        moment("created_at", "When the order was made, UTC.", nullable=False),
        moment("processed_at", "When it was processed, UTC: the time of Shopify's own reports."),
        moment("updated_at", "When it last changed, UTC.", nullable=False),
        moment("cancelled_at", "When it was cancelled, UTC.", required=False),
        flag("test", "Whether it is a test order."),
        text(
            "financial_status",
            "paid, pending, refunded, partially_refunded, voided and so on.",
            required=False,
        ),
        text("source_name", "web, app, pos and so on.", required=False),
        currency("currency", "Currency of the shop: the currency of every amount here.", nullable=False),
        currency("presentment_currency", "Currency shown to the customer.", required=False),
        figure("total_price", "Paid in total, tax and shipping included.", unit="shop currency", nullable=False),
        figure("subtotal_price", "Lines after discounts, before shipping.", unit="shop currency"),
        figure("total_discounts", "Discounts.", unit="shop currency", required=False),
        figure("total_tax", "Tax.", unit="shop currency", required=False),
        figure("total_line_items_price", "Lines before discounts.", unit="shop currency", required=False),
        flag("taxes_included", "Whether prices include tax."),
        identifier("customer_id", "Customer, as the shop's own number.", required=False),
        text("shipping_address_country_code", "Country delivered to: tells the market.", required=False),
        flag("_fivetran_deleted", "Whether the order was deleted in the shop."),
        synced(),
    ),
    key=("id",),
    version_column="updated_at",
    date_column="created_at",
    also_known=frozenset(f"shipping_address_{part}" for part in [*_ADDRESS.split(), "latitude", "longitude"])
    | frozenset(f"billing_address_{part}" for part in [*_ADDRESS.split(), "country_code", "latitude", "longitude"])
    | words("""
        note email name location_id user_id number order_number fulfillment_status processing_method
        referring_site cancel_reason closed_at total_weight browser_ip buyer_accepts_marketing token
        cart_token checkout_token checkout_id landing_site_base_url landing_site_ref app_id
        client_details_user_agent
        current_subtotal_price current_total_discounts current_total_price current_total_tax customer_locale
        device_id note_attributes order_status_url phone reference source_identifier source_url
        subtotal_price_set total_price_set total_discounts_set total_line_items_price_set
        total_shipping_price_set total_tax_set total_tip_received total_duties_set
        """),
    lookback_days=90,
)

REFUND = TableContract(
    source=SOURCE,
    table="refund",
    description="Refunds; the amounts are in their lines and adjustments.",
    columns=(
        identifier("id", "Refund.", key=True),
        identifier("order_id", "Order."),
        moment("created_at", "When it was made, UTC.", nullable=False),
        moment("processed_at", "When it was processed, UTC.", required=False),
        flag("restock", "Whether the goods went back to stock."),
        synced(),
    ),
    key=("id",),
    version_column="_fivetran_synced",
    date_column="created_at",
    also_known=words("note user_id total_duties_set duties"),
    lookback_days=90,
)

ORDER_LINE_REFUND = TableContract(
    source=SOURCE,
    table="order_line_refund",
    description="Lines of a refund.",
    columns=(
        identifier("id", "Line of the refund.", key=True),
        identifier("refund_id", "Refund."),
        identifier("order_line_id", "Line of the order."),
        figure("quantity", "Pieces.", unit="count"),
        figure("subtotal", "Refunded for the line, without tax.", unit="shop currency", nullable=False),
        figure("total_tax", "Tax refunded.", unit="shop currency", required=False),
        synced(),
    ),
    key=("id",),
    version_column="_fivetran_synced",
    also_known=words("location_id restock_type total_tax_set subtotal_set"),
    lookback_days=90,
)

ORDER_ADJUSTMENT = TableContract(
    source=SOURCE,
    table="order_adjustment",
    description="Amounts of a refund beyond its lines: shipping, differences. Negative is money given back.",
    columns=(
        identifier("id", "Adjustment.", key=True),
        identifier("order_id", "Order."),
        identifier("refund_id", "Refund."),
        figure("amount", "Amount.", unit="shop currency", nullable=False, signed=True),
        figure("tax_amount", "Tax.", unit="shop currency", required=False, signed=True),
        text("kind", "shipping_refund or refund_discrepancy.", required=False),
        text("reason", "Reason.", required=False),
        synced(),
    ),
    key=("id",),
    version_column="_fivetran_synced",
    also_known=words("amount_set tax_amount_set"),
    lookback_days=90,
)

SHOP = TableContract(
    source=SOURCE,
    table="shop",
    description="The shop: currency and time zone of its reports. Owner, address and contacts stay outside.",
    columns=(
        identifier("id", "Shop.", key=True),
        currency("currency", "Currency of the shop."),
        text("iana_timezone", "IANA time zone of the shop's reports."),
        text("country_code", "Country of the shop.", required=False),
        text("domain", "Domain.", required=False),
        moment("updated_at", "When it last changed, UTC.", required=False),
        flag("_fivetran_deleted", "Whether the shop was deleted."),
        synced(),
    ),
    key=("id",),
    version_column="_fivetran_synced",
    also_known=words("""
        address_1 address_2 auto_configure_tax_inclusivity checkout_api_supported city cookie_consent_level
        country country_name county_taxes created_at customer_email eligible_for_card_reader_giveaway
        eligible_for_payments email enabled_presentment_currencies force_ssl google_apps_domain
        google_apps_login_enabled has_discounts has_gift_cards has_storefront latitude longitude money_format
        money_in_emails_format money_with_currency_format money_with_currency_in_emails_format
        multi_location_enabled myshopify_domain name password_enabled phone plan_display_name plan_name
        pre_launch_enabled primary_locale primary_location_id province province_code
        requires_extra_payments_agreement setup_required shop_owner source tax_shipping taxes_included
        timezone visitor_tracking_consent_preference weight_unit zip
        """),
    lookback_days=3650,
)

CONTRACTS = (ORDER, REFUND, ORDER_LINE_REFUND, ORDER_ADJUSTMENT, SHOP)
