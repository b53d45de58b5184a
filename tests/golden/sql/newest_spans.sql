SELECT `spans`.`trace_id`, cityHash64(`spans`.`trace_id`) AS `hash`, toUnixTimestamp64Nano(`spans`.`start_time`) AS `start_ns`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`app` = {app:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') ORDER BY toStartOfMinute(`spans`.`start_time`) DESC, `spans`.`start_time` DESC
 LIMIT {spans:UInt64}
