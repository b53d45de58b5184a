SELECT `spans`.`price_id`, toUInt64(round(sum(`spans`.`sample_weight`))) AS `calls`, toUnixTimestamp64Nano(max(`spans`.`start_time`)) AS `last_ns`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`counted` = {counted_1:Int64} AND startsWith(`spans`.`price_id`, {prefix:String}) GROUP BY `spans`.`price_id` ORDER BY `spans`.`price_id`
 LIMIT {prices:UInt64}
