SELECT toUnixTimestamp64Nano(min(`trace_index`.`first_start`)) AS `first_ns`, toUnixTimestamp64Nano(max(`trace_index`.`last_start`)) AS `last_ns`
FROM `trace_index`
WHERE `trace_index`.`project` = {project:String} AND (cityHash64(`trace_index`.`trace_id`) GLOBAL IN (SELECT cityHash64(`spans`.`trace_id`) AS `cityHash64_1`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`status` = {status_1:String}))
 LIMIT {param_1:Int32}
