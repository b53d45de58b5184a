SELECT `traces`.`app`, count(*) AS `count_1`, quantilesExactWeighted(0.5, 0.95)(toFloat64(`traces`.`steps`), `traces`.`weight`) AS `exact_quantiles_1`, quantilesExactWeighted(0.5, 0.95)(toFloat64(`traces`.`tokens`), `traces`.`weight`) AS `exact_quantiles_2`, quantilesExactWeighted(0.5, 0.95)(toFloat64(`traces`.`cost`), `traces`.`weight`) AS `exact_quantiles_3`
FROM (SELECT any(`spans`.`app`) AS `app`, count(*) AS `steps`, sumIf(`spans`.`input_tokens` + `spans`.`output_tokens`, `spans`.`counted` = {counted_1:Int64}) AS `tokens`, sumIf(`spans`.`cost_usd`, `spans`.`counted` = {counted_1:Int64}) AS `cost`, toUInt64(round(max(`spans`.`sample_weight`))) AS `weight`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') GROUP BY `spans`.`trace_id`
 LIMIT {sample:UInt64}) AS `traces` GROUP BY `traces`.`app` ORDER BY `traces`.`app`
 LIMIT {apps:UInt64}
