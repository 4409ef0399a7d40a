"""Three deliveries of event tables, with every kind of restatement between them."""

ORDER = (
    "id,created_at,processed_at,updated_at,currency,total_price,subtotal_price,customer_id,"
    "shipping_address_country_code,cancelled_at"
)
ORDER_LINE = "id,order_id,gift_card,quantity,price,_fivetran_synced"
LINE = "id,refund_id,order_line_id,quantity,subtotal,total_tax,_fivetran_synced"
HISTORY = "id,updated_time,account_id,campaign_id,ad_set_id"
AD = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced"
AD_IN_SET = f"{AD},adset_id"
FB_ACTION = "ad_id,date,action_type,value,_fivetran_synced"
PURCHASE = "offsite_conversion.fb_pixel_purchase"
ACCOUNT = "1700418853021177"
IMPACT_ACTION = "id,campaign_id,media_partner_id,media_partner_name,event_date,state,amount,payout,client_cost,currency"
TRANSACTION = (
    "id,advertiser_id,publisher_id,transaction_date,commission_status,commission_amount,commission_currency,"
    "network_fee_amount"
)
EVENT = (
    "_fivetran_id,date,timestamp,is_intraday,user_pseudo_id,param_ga_session_id,geo_country,param_source,param_medium"
)
DEAL = (
    "deal_id,deal_pipeline_stage_id,property_createdate,property_closedate,property_amount,"
    "property_deal_currency_code,is_deleted,_fivetran_synced"
)
KLAVIYO_EVENT = "id,account_id,datetime,metric_id,type,campaign_id,flow_id,_fivetran_deleted,_fivetran_synced"
# Each load is a list of files; what it changes stands beside each row.
LOADS = [
    {
        "shopify/order/1.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-02 12:00:00,USD,100,100,anna,US,
o2,2024-01-03 12:00:00,2024-01-03 12:00:00,2024-01-03 12:00:00,USD,50,50,anna,US,
o3,2024-01-04 23:50:00,2024-01-04 23:50:00,2024-01-04 23:50:00,EUR,70,70,bert,DE,
o4,2024-01-05 12:00:00,2024-01-05 12:00:00,2024-01-05 12:00:00,EUR,80,80,carl,DE,
o5,2024-01-05 12:07:00,2024-01-05 12:07:00,2024-01-05 12:07:00,EUR,5,5,,DE,
o7,2024-01-06 12:00:00,2024-01-06 12:00:00,2024-01-06 12:00:00,EUR,60,60,,DE,
""",
        "facebook_ads/basic_ad/1.csv": f"""{AD}
ad1,2024-01-02,{ACCOUNT},10,1,5,2024-01-03
ad2,2024-01-02,{ACCOUNT},10,1,7,2024-01-03
ad1,2024-01-03,{ACCOUNT},10,1,2,2024-01-04
""",
        "facebook_ads/ad_history/1.csv": f"{HISTORY}\nad1,2023-12-01,{ACCOUNT},c1,s\n",
        "impact/actions/1.csv": f"""{IMPACT_ACTION}
a1,p,7,Coupons,2024-01-02 12:00:00,PENDING,100,10,12,USD
a2,p,7,Coupons,2024-01-02 13:00:00,PENDING,100,10,12,USD
a3,p,8,Blog,2024-01-04 12:00:00,PENDING,50,5,6,USD
""",
        "awin/transaction/1.csv": f"""{TRANSACTION}
t1,9,1,2024-01-03 12:00:00,pending,4,EUR,1
""",
        # 30 of o7 are gift cards.
        "shopify/order_line/1.csv": f"{ORDER_LINE}\ng,o7,TRUE,2,15,2024-01-07\nh,o7,FALSE,1,30,2024-01-07\n",
        # 8 January is whole; 9 January still runs, and ann's session goes on past midnight.
        "ga4/event/1.csv": f"""{EVENT}
e1,2024-01-08,2024-01-08 22:59:00,false,ann,100,Germany,google,organic
e2,2024-01-09,2024-01-08 23:01:00,true,ann,100,Germany,google,organic
e3,2024-01-09,2024-01-09 08:00:00,true,bob,200,Germany,,
e0,2024-01-04,2024-01-04 08:00:00,false,dan,400,Germany,a.example,referral
""",
        "hubspot/deal_pipeline_stage/1.csv": "stage_id,closed_won,_fivetran_synced\n"
        "open,false,2024-01-01\nwon,true,2024-01-01\n",
        "hubspot/deal/1.csv": f"""{DEAL}
d1,open,2024-01-08 12:00:00,2024-01-20 12:00:00,100,USD,false,2024-01-09
d2,won,2024-01-08 12:00:00,2024-01-12 12:00:00,40,USD,false,2024-01-13
""",
        # What m2 is, nobody has said yet.
        "klaviyo/metric/1.csv": "id,name,_fivetran_synced\nm1,Received Email,2024-01-01\n",
        "klaviyo/event/1.csv": f"""{KLAVIYO_EVENT}
k1,retailer-us,2024-01-03 03:00:00,m1,event,c1,,false,2024-01-07
k2,retailer-us,2024-01-03 12:00:00,m1,event,,f1,false,2024-01-07
k3,retailer-us,2024-01-05 12:00:00,m1,event,c1,,false,2024-01-07
k4,retailer-us,2024-01-05 12:05:00,m2,event,c1,,false,2024-01-07
k5,retailer-us,2024-01-07 12:00:00,m3,Placed Order,,,false,2024-01-07
""",
        # Two kinds of action tell one purchase.
        "facebook_ads/basic_ad_actions/1.csv": f"""{FB_ACTION}
ad1,2024-01-02,{PURCHASE},1,2024-01-03
ad1,2024-01-02,omni_purchase,1,2024-01-03
""",
        "facebook_ads/basic_ad_action_values/1.csv": f"{FB_ACTION}\nad1,2024-01-02,{PURCHASE},40,2024-01-03\n",
    },
    {
        # anna's first order is cancelled, so that o2 made her new; o3 moves to another day; o4 was bert's after all.
        "shopify/order/2.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-10 12:00:00,USD,100,100,anna,US,2024-01-10 12:00:00
o3,2024-01-04 23:50:00,2024-01-08 09:00:00,2024-01-10 12:00:00,EUR,70,70,bert,DE,
o4,2024-01-05 12:00:00,2024-01-05 12:00:00,2024-01-10 12:00:00,EUR,80,80,bert,DE,
o6,2024-01-09 12:00:00,2024-01-09 12:00:00,2024-01-09 12:00:00,USD,60,60,anna,US,
""",
        "shopify/refund/2.csv": "id,order_id,created_at,_fivetran_synced\nr,o2,2024-01-10 08:00:00,2024-01-11\n",
        "shopify/order_line_refund/2.csv": f"{LINE}\nl,r,x,1,28,2,2024-01-11\n",
        # A day is restated, and the history of ad2 arrives after its spend.
        "facebook_ads/basic_ad/2.csv": f"""{AD}
ad1,2024-01-03,{ACCOUNT},20,2,4,2024-01-06
ad1,2024-01-09,{ACCOUNT},1,1,3,2024-01-10
""",
        "facebook_ads/ad_history/2.csv": f"{HISTORY}\nad2,2023-12-01,{ACCOUNT},c1,s\n",
        # One action is approved, one reversed; the moment of the third is mended, so that its day is empty.
        "impact/actions/2.csv": f"""{IMPACT_ACTION}
a1,p,7,Coupons,2024-01-02 12:00:00,APPROVED,100,10,12,USD
a2,p,7,Coupons,2024-01-02 13:00:00,REVERSED,0,0,0,USD
a3,p,8,Blog,2024-01-09 12:00:00,PENDING,50,5,6,USD
""",
        "awin/transaction/2.csv": f"{TRANSACTION}\nt1,9,1,2024-01-03 12:00:00,approved,4,EUR,1\n",
        # 9 January as a whole: bob came by e-mail, and cid came late to the rewritten 8th.
        "ga4/event/2.csv": f"""{EVENT}
e4,2024-01-09,2024-01-08 23:01:00,false,ann,100,Germany,google,organic
e5,2024-01-09,2024-01-09 08:00:00,false,bob,200,Germany,news,email
e6,2024-01-08,2024-01-08 10:00:00,false,cid,300,Germany,google,organic
""",
        # d1 is worth more, and hoped for later.
        "hubspot/deal/2.csv": f"""{DEAL}
d1,open,2024-01-08 12:00:00,2024-02-10 12:00:00,150,USD,false,2024-01-15
""",
        # The metric's name arrives, a message is deleted, and the moment of another is mended.
        "klaviyo/metric/2.csv": "id,name,_fivetran_synced\nm2,Opened Email,2024-01-08\n",
        "klaviyo/event/2.csv": f"""{KLAVIYO_EVENT}
k1,retailer-us,2024-01-04 12:00:00,m1,event,c1,,false,2024-01-08
k3,retailer-us,2024-01-05 12:00:00,m1,event,c1,,true,2024-01-08
k6,retailer-us,2024-01-08 12:00:00,m1,event,c1,,false,2024-01-09
""",
        # ad3 has no history, only an ad set that nobody knows yet.
        "facebook_ads/basic_ad/3.csv": f"{AD_IN_SET}\nad3,2024-01-04,{ACCOUNT},5,0,11,2024-01-10,s3\n",
        # The purchases of the 2nd are restated, and one happens on a day on which ad1 is not shown.
        "facebook_ads/basic_ad_actions/2.csv": f"""{FB_ACTION}
ad1,2024-01-02,{PURCHASE},3,2024-01-10
ad1,2024-01-05,{PURCHASE},1,2024-01-10
""",
    },
    {
        # The cards of o7 were none. Nothing else touches its day, now or in the load before.
        "shopify/order_line/3.csv": f"{ORDER_LINE}\ng,o7,FALSE,2,15,2024-01-12\n",
        # bob and dan had been there since before midnight; ann's event comes again under another id.
        "ga4/event/3.csv": f"""{EVENT}
e7,2024-01-08,2024-01-08 22:50:00,false,bob,200,Germany,,
e8,2024-01-08,2024-01-08 22:59:00,false,ann,100,Germany,google,organic
e9,2024-01-03,2024-01-03 23:30:00,false,dan,400,Germany,a.example,referral
""",
        # d1 is won after all, earlier than hoped; d2 is deleted.
        "hubspot/deal/3.csv": f"""{DEAL}
d1,won,2024-01-08 12:00:00,2024-01-19 12:00:00,120,USD,false,2024-01-20
d2,won,2024-01-08 12:00:00,2024-01-12 12:00:00,40,USD,true,2024-01-20
""",
        # The last message leaves 3 January, and an order tells that the 9th has begun.
        "klaviyo/event/3.csv": f"""{KLAVIYO_EVENT}
k2,retailer-us,2024-01-04 12:00:00,m1,event,,f1,false,2024-01-10
k7,retailer-us,2024-01-09 12:00:00,m3,Placed Order,,,false,2024-01-10
""",
        # The ad set of ad3 arrives; the value of the 2nd is restated alone.
        "facebook_ads/ad_set_history/1.csv": f"id,account_id,campaign_id,updated_time\ns3,{ACCOUNT},c1,2023-12-01\n",
        "facebook_ads/basic_ad_action_values/2.csv": f"{FB_ACTION}\nad1,2024-01-02,{PURCHASE},90,2024-01-12\n",
        # A refund's second line comes later than the refund; the cancelled order is taken back.
        "shopify/order_line_refund/3.csv": f"{LINE}\nm,r,y,1,10,0,2024-01-12\n",
        "shopify/order/3.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-12 12:00:00,USD,90,90,anna,US,
""",
        # Months later, a validated transaction is taken back all the same.
        "awin/transaction/3.csv": f"{TRANSACTION}\nt1,9,1,2024-01-03 12:00:00,deleted,4,EUR,1\n",
    },
]
