SELECT `spans`.`span_id`, cityHash64(`spans`.`system_instructions`) AS `cityHash64_1`, cityHash64(`spans`.`tool_definitions`) AS `cityHash64_2`, cityHash64(`spans`.`input`) AS `cityHash64_3`, cityHash64(`spans`.`output`) AS `cityHash64_4`
FROM `spans` FINAL
PREWHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND cityHash64(`spans`.`trace_id`) = cityHash64({trace_id:String}) AND `spans`.`trace_id` = {trace_id:String} ORDER BY `spans`.`start_time`, `spans`.`span_id`
 LIMIT {spans:UInt64}
