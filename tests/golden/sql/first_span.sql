SELECT toUnixTimestamp(toStartOfMinute(`spans`.`start_time`)) AS `minute_s`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') ORDER BY toStartOfMinute(`spans`.`start_time`)
 LIMIT {spans:UInt64}
